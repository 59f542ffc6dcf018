"""Activations equal the arithmetic's for every value."""

import numpy as np
import pytest
from block_bench import pipelined

from thresh.gateware.pointwise.activation import Activation, Function
from thresh.model.arithmetic import FUNCTIONS


def check(bits, values):
    unit = Activation(value_bits=bits)
    y = np.concatenate([values] * len(FUNCTIONS))
    functions = [Function[name.upper()] for name in FUNCTIONS for _ in values]
    drives = [(unit.y, 0, y.tolist()), (unit.function, 0, functions)]
    (z,) = pipelined(unit, drives, [(unit.z, unit.latency)], unit.latency)
    wanted = np.concatenate([function(values, bits) for function in FUNCTIONS.values()])
    np.testing.assert_array_equal(z, wanted)


@pytest.mark.parametrize("bits", range(8, 13))
def test_equals_the_arithmetic_for_every_value(bits):
    check(bits, np.arange(-(1 << (bits - 1)), 1 << (bits - 1)))


@pytest.mark.parametrize("bits", [13, 14, 15, 16])
def test_equals_the_arithmetic_at_extremes_and_random_values(bits):
    highest = (1 << (bits - 1)) - 1
    edges = np.array([-highest - 1, -highest, -2, -1, 0, 1, 2, highest - 1, highest])
    # Around the ends of the table, and where rounding changes its index.
    unit = 1 << (bits - 5)
    ends = (np.arange(-9, 10)[:, None] * unit + np.arange(-3, 4)).ravel()
    random = np.random.default_rng(bits).integers(-highest - 1, highest + 1, 800)
    check(bits, np.concatenate([edges, ends, random]))
