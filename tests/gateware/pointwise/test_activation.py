"""Activations equal the arithmetic's for every value."""

import numpy as np
import pytest
from block_bench import play

from thresh.gateware.pointwise.activation import Activation, Function
from thresh.sim.benches.activation_script import activation_script, activation_values

FUNCTIONS = {function.name: function.value for function in Function}


def check(bits, values, read_latency=1):
    unit = Activation(value_bits=bits, read_latency=read_latency)
    script = activation_script(
        values,
        bits=bits,
        latency=unit.latency,
        functions=FUNCTIONS,
        random=np.random.default_rng(bits),
    )
    play(unit, script)


@pytest.mark.parametrize("bits", range(8, 13))
def test_equals_the_arithmetic_for_every_value(bits):
    check(bits, np.arange(-(1 << (bits - 1)), 1 << (bits - 1)))


@pytest.mark.parametrize("bits", [13, 14, 15, 16])
def test_equals_the_arithmetic_at_extremes_and_random_values(bits):
    check(bits, activation_values(bits, np.random.default_rng(bits), 800), 1 + bits % 2)
