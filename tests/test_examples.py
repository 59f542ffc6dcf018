"""Every network that ships agrees with the simulated core in every integer."""

from pathlib import Path

import pytest
from link_bench import walk
from test_sim_compiled import check, core

from thresh.model.model_file import load_network

NETWORKS = sorted(Path("examples").glob("*.safetensors"))
STEPS = 60


@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
def test_a_shipped_network_agrees_in_every_integer(path):
    network = load_network(path)
    steps = walk(STEPS, network.inputs, stride=600)
    one_by_one = [(values[None], False) for values in steps]
    check(core(16, 4, 8, 16, "ecp5"), network, [one_by_one])
