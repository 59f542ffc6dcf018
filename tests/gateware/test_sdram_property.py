"""Random networks in SDRAM, columns dense and sparse: the simulation equals the golden model."""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import strategies as st
from link_bench import pruned
from random_networks import bursts, gaps, networks, run_examples
from sdram_driver import SdramDriver
from simulated_stacks import check

from thresh.hw.families import FAMILIES
from thresh.layout.geometry import Geometry

FAST_EXAMPLES, SLOW_EXAMPLES = 6, 200
"""Per core, of which there are three."""

BYTES = Geometry(
    columns="sdram",
    sparse=True,
    lanes=16,
    pointwise_lanes=2,
    weight_depth=256,
    accumulator_depth=512,
    state_depth=256,
    value_depth=128,
)
NIBBLES = replace(BYTES, lanes=32, pointwise_lanes=4, weight_bits=4, value_bits=12)
CORES = {"default": (BYTES, ""), "ecp5": (BYTES, "ecp5"), "4-bit": (NIBBLES, "ecp5")}
COLUMNS = 1 << 13
"""Words of on-chip memory that the columns of a drawn network would take, at most."""


@cache
def driver(name):
    """One simulation per core; networks are loaded one after another."""
    geometry, family = CORES[name]
    return SdramDriver(geometry, FAMILIES[family].primitives if family else None)


@st.composite
def cases(draw, geometry):
    """A network, how its columns lie, and two sequences in bursts of steps with gaps."""
    on_chip = replace(geometry, columns="chip", sparse=False, weight_depth=COLUMNS)
    whole = draw(networks(on_chip))
    network = pruned(whole, draw(st.sampled_from((0, 0.5, 0.9, 1))), draw(st.integers(0, 99)))
    sparse = draw(st.sampled_from((None, True, False)))
    return network, sparse, bursts(draw, network, lambda part: gaps(part.size))


def run(name, examples):
    simulation = driver(name)

    def agree(network, sparse, runs):
        simulation.sparse = sparse
        check(simulation, network, runs)

    run_examples(
        cases(simulation.geometry), agree, examples, repeatable=examples == FAST_EXAMPLES
    )  # fmt: skip


@pytest.mark.parametrize("name", CORES)
def test_small_networks_agree_in_every_integer(name):
    run(name, FAST_EXAMPLES)


@pytest.mark.slow
@pytest.mark.parametrize("name", CORES)
def test_six_hundred_small_networks_agree_in_every_integer(name):
    run(name, SLOW_EXAMPLES)
