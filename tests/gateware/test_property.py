"""Random small networks and inputs: the Amaranth simulation equals the golden model."""

from functools import cache, partial

import numpy as np
import pytest
from board_twins import BOARDS, GEOMETRIES
from core_driver import CoreDriver
from hypothesis import given, settings
from random_networks import networks, run_examples
from simulated_stacks import cases, check

from thresh.layout.geometry import Geometry

FAST_EXAMPLES, SLOW_EXAMPLES = {4: 10, 8: 10, 16: 5, 32: 3}, 200
"""Per geometry, of which there are eleven; fast ones by lanes."""


@cache
def driver(lanes, pointwise_lanes, weight_bits, value_bits, board):
    """One simulation per geometry; networks are loaded one after another."""
    shape = Geometry(
        lanes=lanes,
        pointwise_lanes=pointwise_lanes,
        weight_bits=weight_bits,
        value_bits=value_bits,
        weight_depth=2048,
        accumulator_depth=512,
        state_depth=512,
        value_depth=64,
    )
    return CoreDriver(shape, BOARDS[board])


def run(shape, examples, repeatable):
    simulation = driver(*shape)
    run_examples(
        cases(simulation.geometry), partial(check, simulation), examples, repeatable=repeatable
    )


@pytest.mark.parametrize("shape", GEOMETRIES, ids=lambda shape: "-".join(map(str, shape)))
def test_small_networks_agree_in_every_integer(shape):
    lanes, *_ = shape
    run(shape, FAST_EXAMPLES[lanes], repeatable=True)


@pytest.mark.slow
@pytest.mark.parametrize("shape", GEOMETRIES, ids=lambda shape: "-".join(map(str, shape)))
def test_two_thousand_small_networks_agree_in_every_integer(shape):
    run(shape, SLOW_EXAMPLES, repeatable=False)


def test_extreme_accumulators_are_reached():
    """The strategies reach both ends of the accumulator, so that overflow would be seen."""
    largest = []

    @settings(max_examples=60, database=None, derandomize=True)
    @given(networks(driver(*GEOMETRIES[0]).geometry))
    def collect(network):
        largest.append(max(int(layer.largest_accumulator.max()) for layer in network.layers))

    collect()
    assert max(largest) > (1 << 31) - (1 << 24)
    assert np.median(largest) > 1 << 20
