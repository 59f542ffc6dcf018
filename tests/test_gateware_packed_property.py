"""Random networks in packed columns on the chip: the simulation equals the golden model."""

from dataclasses import replace
from functools import cache

import pytest
from core_driver import CoreDriver
from hypothesis import strategies as st
from link_bench import pruned
from random_networks import bursts, gaps, networks, run_examples
from test_gateware_property import BOARDS, check

from thresh.model.geometry import Geometry

FAST_EXAMPLES, SLOW_EXAMPLES = 3, 300
"""Per core, of which there are four."""

BYTES = Geometry(
    lanes=16, serial=2, weight_depth=8192, accumulator_depth=512, state_depth=512,
    value_depth=128, packed=True,
)  # fmt: skip
PAIRS = replace(BYTES, serial=4)
NIBBLES = replace(BYTES, lanes=32, serial=4, weight_bits=4, value_bits=12)
FEW = replace(BYTES, lanes=8, serial=1, value_bits=9)
CORES = {
    "default": (BYTES, "default"),
    "ecp5": (PAIRS, "ecp5"),
    "4-bit": (NIBBLES, "slowest"),
    "8 lanes": (FEW, "logic"),
}
COLUMNS = 512
"""Words that the dense columns of a drawn network would take, at most."""


@cache
def driver(name):
    """One simulation per core; networks are loaded one after another."""
    geometry, board = CORES[name]
    return CoreDriver(geometry, BOARDS[board])


@st.composite
def cases(draw, geometry):
    """A network, and two sequences in bursts of steps with gaps."""
    whole = draw(networks(replace(geometry, weight_depth=COLUMNS)))
    network = pruned(whole, draw(st.sampled_from((0, 0.5, 0.9, 1))), draw(st.integers(0, 99)))
    return network, bursts(draw, network, lambda part: gaps(part.size))


def run(name, examples):
    simulation = driver(name)
    run_examples(
        cases(simulation.geometry), lambda *case: check(simulation, *case), examples,
        repeatable=examples == FAST_EXAMPLES,
    )  # fmt: skip


@pytest.mark.parametrize("name", CORES)
def test_small_networks_agree_in_every_integer(name):
    run(name, FAST_EXAMPLES)


@pytest.mark.slow
@pytest.mark.parametrize("name", CORES)
def test_twelve_hundred_small_networks_agree_in_every_integer(name):
    run(name, SLOW_EXAMPLES)
