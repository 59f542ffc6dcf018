"""The compiled core: random networks of every kind and size equal the golden model."""

import os
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
from core_driver import CoreState
from hypothesis import given, settings
from hypothesis import strategies as st
from random_networks import SIZES, bursts, networks, run_examples
from test_gateware_property import BOARDS, GEOMETRIES

from thresh.gateware.verilog import core_verilog
from thresh.model.cells import CELLS
from thresh.model.geometry import Geometry
from thresh.model.image import build_image
from thresh.model.link import Counter, Region
from thresh.model.network import MAX_LAYERS
from thresh.sim import golden_snapshot
from thresh.sim.comparison import Comparison
from thresh.sim.compiled import CompiledCore, compile_verilog
from thresh.sim.golden_memories import numbers
from thresh.sim.observation import memories_of, record_type

FAST_EXAMPLES = 25
SLOW_EXAMPLES = int(os.environ.get("THRESH_EXAMPLES", "500"))
"""Networks per geometry, of which there are thirteen."""

WIDE = [(64, 8, 8, 16, "ecp5"), (128, 8, 8, 16, "ecp5")]
"""Geometries too large for Amaranth's own simulator."""

WEIGHTS = 1 << 18
"""Weights that a core holds."""


@cache
def core(lanes, serial, weight_bits, value_bits, board, packed=False):
    """One compiled core per geometry; networks are loaded one after another."""
    geometry = Geometry(
        lanes=lanes, serial=serial, weight_bits=weight_bits, value_bits=value_bits,
        weight_depth=WEIGHTS // lanes, accumulator_depth=4096 // serial,
        state_depth=2048 // serial, value_depth=1024, packed=packed,
    )  # fmt: skip
    source = core_verilog(geometry=geometry, primitives=BOARDS[board])
    return CompiledCore(geometry, compile_verilog(source, "thresh_core", Path("build/sim")))


class CompiledState(CoreState):
    """Saves and restores a compiled core."""

    def read(self, region, address, count, advance=None):
        return self.core.read(region, address, count)

    def write(self, region, address, words, advance=None):
        size = self.core.read(region, 0, 1).size
        self.core.write(region, address, words.reshape(-1, size))


@st.composite
def cases(draw, geometry):
    """A network and two sequences in bursts, each burst perhaps behind a save and a restore."""
    network = draw(networks(geometry, max_layers=MAX_LAYERS, sizes=SIZES))
    return network, bursts(draw, network, lambda part: st.booleans())


def observe(made):
    """Everything in use, as a record."""
    record = np.zeros((), record_type(made.plan, made.geometry))
    for region, words in made.memories().items():
        record[region.name] = words
    seen = memories_of(record)
    first = made.plan.output_base * made.geometry.serial
    values = numbers(seen, Region.STATE)
    record["outputs"] = values[first : first + len(record["outputs"])]
    record["cycles"] = numbers(seen, Region.COUNTERS)[Counter.STEP_CYCLES]
    return record[()]


def check(made, network, runs):
    """Run and compare every integer after every burst."""
    made.load(build_image(network, made.geometry))
    made.plan = made.map
    state = CompiledState(made, network)
    comparison = Comparison(network, made.plan, made.geometry.serial)
    for number, parts in enumerate(runs):
        made.new_sequence()
        comparison.new_sequence()
        step = 0
        for x, restores in parts:
            if restores:
                kept = state.save()
                state.restore(kept)
                comparison.new_sequence()
                golden_snapshot.restore(comparison.model, kept)
            made.run(x)
            for values in x:
                comparison.advance(values)
            step += len(x)
            comparison.compare(observe(made), f"sequence {number}, after step {step - 1}")
            assert not comparison.mismatches, comparison.first_difference


def run(shape, examples):
    made = core(*shape)
    run_examples(
        cases(made.geometry), partial(check, made), examples, repeatable=examples == FAST_EXAMPLES
    )


def test_stacks_of_every_kind_and_size_agree_in_every_integer():
    run((8, 1, 8, 16, "default"), FAST_EXAMPLES)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [*GEOMETRIES, *WIDE], ids=lambda shape: "-".join(map(str, shape)))
def test_five_thousand_stacks_agree_in_every_integer(shape):
    run(shape, SLOW_EXAMPLES)


def test_stacks_have_every_kind_every_odd_size_and_up_to_eight_layers():
    """What the strategies make, so that a kind that never came up would be seen."""
    kinds, sizes, depths = set(), set(), set()
    shape = Geometry(
        lanes=4, weight_depth=WEIGHTS // 4, accumulator_depth=4096, state_depth=2048,
        value_depth=1024,
    )  # fmt: skip

    @settings(max_examples=200, deadline=None, database=None, derandomize=True)
    @given(networks(shape, max_layers=MAX_LAYERS, sizes=SIZES))
    def collect(network):
        build_image(network, shape)
        depths.add(len(network.layers))
        kinds.update(layer.kind for layer in network.layers)
        sizes.update(layer.units for layer in network.layers)

    collect()
    assert kinds == set(CELLS)
    assert {1, 3, 17, 40, 127} <= sizes
    assert {1, MAX_LAYERS} <= depths
