"""Every network that ships agrees with the simulated core in every integer."""

from pathlib import Path

import pytest
from link_bench import walk
from test_sim_compiled import observe

from thresh.gateware.verilog import core_verilog
from thresh.hw.families import FAMILIES
from thresh.model.geometry import Geometry
from thresh.model.image import build_image
from thresh.model.model_file import load_network
from thresh.sim.comparison import Comparison
from thresh.sim.compiled import CompiledCore, compile_verilog

NETWORKS = sorted(Path("examples").glob("*.safetensors"))
STEPS = 60


@pytest.fixture(scope="module")
def core():
    """A core that holds each of them."""
    geometry = Geometry(
        lanes=16, serial=4, weight_depth=16384, accumulator_depth=1024, state_depth=512,
        value_depth=1024,
    )  # fmt: skip
    source = core_verilog(geometry=geometry, primitives=FAMILIES["ecp5"].primitives)
    made = CompiledCore(geometry, compile_verilog(source, "thresh_core", Path("build/sim")))
    yield made
    made.close()


@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
def test_a_shipped_network_agrees_in_every_integer(core, path):
    network = load_network(path)
    core.load(build_image(network, core.geometry))
    core.plan = core.map
    comparison = Comparison(network, core.plan, core.geometry.serial)
    core.new_sequence()
    comparison.new_sequence()
    for number, values in enumerate(walk(STEPS, network.inputs, stride=600)):
        core.run(values[None])
        comparison.step(values, observe(core), f"step {number}")
    assert comparison.integers > STEPS * network.inputs
    assert not comparison.mismatches, comparison.first_difference
