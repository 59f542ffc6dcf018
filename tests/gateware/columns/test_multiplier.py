"""Both multipliers give the product."""

import numpy as np
import pytest
from block_bench import pipelined

from thresh.gateware.columns.multiplier import LogicMultiplier, Multiplier

KINDS = [Multiplier, LogicMultiplier]


def check(kind, a_bits, b_bits, a, b):
    unit = kind(a_bits=a_bits, b_bits=b_bits)
    drives = [(unit.a, 0, kind.prepare(a).tolist()), (unit.b, 0, b.tolist())]
    (product,) = pipelined(unit, drives, [(unit.product, unit.latency)], unit.latency)
    np.testing.assert_array_equal(product, a * b)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bits", [5, 6])
def test_every_product_of_few_bits(kind, bits):
    gate, value = np.arange((1 << (bits - 1)) + 1), np.arange(-(1 << (bits - 1)), 1 << (bits - 1))
    a, b = np.meshgrid(gate, value)
    check(kind, bits, bits, a.ravel(), b.ravel())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bits", [8, 11, 16])
def test_extremes_and_random_products(kind, bits):
    one, highest = 1 << (bits - 1), (1 << (bits - 1)) - 1
    gates = [0, 1, 2, 3, one // 3, one // 2 - 1, one // 2, one // 2 + 1, one - 2, one - 1, one]
    values = [-one, -one + 1, -2, -1, 0, 1, 2, highest - 1, highest]
    a, b = np.meshgrid(gates, values)
    random = np.random.default_rng(bits)
    a = np.concatenate([a.ravel(), random.integers(0, one + 1, 1500)])
    b = np.concatenate([b.ravel(), random.integers(-one, one, 1500)])
    check(kind, bits, bits, a, b)


def test_the_logic_multiplier_refuses_wider_gates():
    with pytest.raises(ValueError, match="a_bits must be at most 16, not 17"):
        LogicMultiplier(a_bits=17, b_bits=8)
