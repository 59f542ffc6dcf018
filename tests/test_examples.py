"""Every network that ships agrees with the simulated core in every integer."""

from pathlib import Path

import pytest
from compiled_stacks import check, core
from core_driver import agree
from link_bench import walk
from sdram_driver import SdramDriver

from thresh.hw.families import FAMILIES
from thresh.layout.geometry import Geometry
from thresh.model.model_file import load_network

NETWORKS = sorted(Path("examples").glob("*.safetensors"))
SPARSE = [path for path in NETWORKS if path.stem.endswith("-sparse")]
STEPS = 60


@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
def test_a_shipped_network_agrees_in_every_integer(path):
    network = load_network(path)
    steps = walk(STEPS, network.inputs, stride=600)
    one_by_one = [(values[None], False) for values in steps]
    check(core(16, 4, 8, 16, "ecp5"), network, [one_by_one])


@pytest.mark.parametrize("path", SPARSE, ids=lambda path: path.stem)
def test_a_sparse_network_agrees_from_sparse_columns(path):
    network = load_network(path)
    shape = Geometry(
        columns="sdram", sparse=True, lanes=16, pointwise_lanes=2, weight_depth=512,
        accumulator_depth=512, state_depth=256, value_depth=256,
    )  # fmt: skip
    primitives, x = FAMILIES["ecp5"].primitives, walk(12, network.inputs, stride=600)
    agree(SdramDriver(shape, primitives, sparse=True), network, x)


@pytest.mark.parametrize("path", SPARSE, ids=lambda path: path.stem)
def test_a_sparse_network_agrees_from_sparse_columns_on_the_chip(path):
    network = load_network(path)
    steps = walk(STEPS, network.inputs, stride=600)
    check(core(16, 4, 8, 16, "ecp5", sparse=True), network, [[(steps, False)]])
