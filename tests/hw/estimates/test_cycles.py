"""Predicted cycles are those of the simulated core."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from link_bench import LONGER, pruned
from random_networks import networks, sequences

from thresh.gateware.columns.chain_lane import ChainLane
from thresh.gateware.primitives import Primitives
from thresh.gateware.verilog import core_verilog
from thresh.hw.estimates.cycles import core_timing
from thresh.hw.families import FAMILIES
from thresh.layout.geometry import Geometry
from thresh.layout.image import build_image
from thresh.layout.link import Counter, Region
from thresh.layout.placement import measure
from thresh.model.model_file import load_network
from thresh.model.network import Layer, Network
from thresh.performance.activity import measured_steps, sent_words
from thresh.performance.cycles import CycleModel
from thresh.sim.engines.compiled import CompiledCore, compile_verilog
from thresh.sim.golden import GoldenModel

CORES = {
    "8 lanes": (8, 1, Primitives()),
    "8 lanes, pairs": (8, 2, Primitives()),
    "16 lanes": (16, 2, FAMILIES["ecp5"].primitives),
    "16 lanes, pairs": (16, 4, FAMILIES["ecp5"].primitives),
    "64 lanes": (64, 8, FAMILIES["ecp5"].primitives),
    "64 lanes, pairs": (64, 16, FAMILIES["ecp5"].primitives),
    "8 lanes, chained": (8, 1, Primitives(captures=0, mac_lane=ChainLane)),
    "8 lanes, compact": (8, 1, Primitives(captures=0, mac_lane=ChainLane, compact=True)),
    "8 lanes, sparse": (8, 1, Primitives()),
    "16 lanes, pairs, sparse": (16, 4, FAMILIES["ecp5"].primitives),
    "64 lanes, pairs, sparse": (64, 16, FAMILIES["ecp5"].primitives),
}
"""Lanes, units per cycle, and primitives; UP5K's have the latencies of their twins."""

WEIGHTS = 1 << 18
"""Weights that a core holds."""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=[pytest.mark.slow] * (lanes > 16))
        for name, (lanes, _, _) in CORES.items()
    ],
)
def core(request):
    """A compiled core and its timing."""
    lanes, pointwise_lanes, primitives = CORES[request.param]
    geometry = Geometry(
        lanes=lanes, pointwise_lanes=pointwise_lanes, weight_depth=WEIGHTS // lanes,
        accumulator_depth=4096 // pointwise_lanes, state_depth=2048 // pointwise_lanes,
        value_depth=1024, sparse="sparse" in request.param,
    )  # fmt: skip
    source = core_verilog(geometry=geometry, primitives=primitives)
    made = CompiledCore(geometry, compile_verilog(source, "thresh_core", Path("build/sim")))
    yield made, core_timing(geometry, primitives)
    made.close()


def simulated(core, network, x):
    """Cycles of every step of the core."""
    core.load(build_image(network, core.geometry))
    core.new_sequence()
    core.run(x[:1])  # The walker reads the new layer table in the first step.
    core.new_sequence()
    cycles = []
    for values in x:
        core.run(values[None])
        word = core.read(Region.COUNTERS, Counter.STEP_CYCLES, 1)
        cycles.append(int(word.view("<u4")[0, 0]))
    return cycles


def predicted(geometry, timing, network, x):
    """The same from the golden model's lists."""
    trace = GoldenModel(network).run(x[None])
    model = CycleModel(measure(network, geometry), timing)
    steps = measured_steps(network, trace.fired_x[0], trace.fired_h[0], trace.skipped[0])
    sent = sent_in_steps(network, x, geometry.pointwise_lanes)
    return [model.step(step, words) for step, words in zip(steps, sent, strict=True)]


def sent_in_steps(network, x, pointwise_lanes):
    """Per step and layer, how many units of each word of ``pointwise_lanes`` fire."""
    golden, steps = GoldenModel(network), []
    for values in x:
        before = [state.reference_h.copy() for state in golden.layers]
        golden.step(values[None])
        pairs = zip(golden.layers, before, strict=True)
        steps.append(
            [sent_words((state.reference_h != last)[0], pointwise_lanes) for state, last in pairs]
        )
    return steps


def firing_network(units, layers, inputs):
    """Vanilla layers in which every value changes its sign in every step."""
    stack = []
    for _ in range(layers):
        weight_x = np.full((1, units, inputs), 100)
        weight_h = np.zeros((1, units, units), int)
        stack.append(
            Layer(
                kind="rnn_tanh", weight_x=weight_x, weight_h=weight_h,
                bias=np.zeros((1, units), int), x_frac=14, weight_x_frac=2, weight_h_frac=2,
            )
        )  # fmt: skip
        inputs = units
    return Network(layers=tuple(stack))


@settings(
    max_examples=30, suppress_health_check=list(HealthCheck), derandomize=True,
    database=None,
)  # fmt: skip
@given(data=st.data())
def test_any_step_of_any_network_costs_what_is_predicted(core, data):
    made, timing = core
    size = data.draw(st.sampled_from((5, 20, 40)))
    dense = replace(made.geometry, sparse=False, weight_depth=made.geometry.weight_depth // LONGER)
    network = data.draw(networks(dense, max_layers=4, max_size=size))
    network = pruned(network, data.draw(st.sampled_from((0, 0, 0.8))))
    x = data.draw(sequences(network, max_steps=5))
    assert predicted(made.geometry, timing, network, x) == simulated(made, network, x)


@pytest.mark.parametrize(
    ("units", "layers", "inputs"), [(1, 1, 1), (64, 1, 8), (100, 2, 3), (40, 4, 40)]
)
def test_the_worst_case_is_exact(core, units, layers, inputs):
    made, timing = core
    network = firing_network(units, layers, inputs)
    signs = np.where(np.arange(4) % 2, -1, 1)[:, None]
    x = np.repeat(signs << 14, inputs, axis=1)
    cycles = simulated(made, network, x)
    assert max(cycles) == CycleModel(measure(network, made.geometry), timing).worst()


def test_the_shipped_network_costs_what_is_predicted(core):
    made, timing = core
    network = load_network("examples/digits-gru128.safetensors")
    random = np.random.default_rng(1)
    x = np.cumsum(random.integers(-1500, 1501, (40, network.inputs)), axis=0)
    x[10:15] = x[9]
    assert predicted(made.geometry, timing, network, x) == simulated(made, network, x)
