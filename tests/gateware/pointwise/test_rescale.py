"""Products are rescaled as the arithmetic does it."""

import numpy as np
import pytest
from amaranth import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from block_bench import pipelined

from thresh.gateware.pointwise.rescale import Rescale
from thresh.model import arithmetic


class Rounded(wiring.Component):
    """`Rescale` behind the adder of its half."""

    def __init__(self, bits):
        self.rescale = Rescale(value_bits=bits)
        super().__init__(
            {
                "product": In(self.rescale.total.shape()),
                "to_pre": In(1),
                "y": Out(self.rescale.y.shape()),
                "clips": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.rescale = rescale = self.rescale
        to_pre = Signal()
        m.d.sync += [
            rescale.total.eq(self.product + rescale.half(self.to_pre)),
            to_pre.eq(self.to_pre),
        ]
        m.d.comb += [rescale.to_pre.eq(to_pre), self.y.eq(rescale.y), self.clips.eq(rescale.clips)]
        return m


@pytest.mark.parametrize("bits", [8, 16])
def test_equals_the_arithmetic_on_both_scales(bits):
    unit, random, count = Rounded(bits), np.random.default_rng(bits), 600
    to_pre = random.integers(0, 2, count)
    shift = unit.rescale.fraction + unit.rescale.extra * to_pre
    limit = np.int64(1) << (bits - 1 + shift)
    near = random.choice([-1, 1], count) * limit + random.integers(-2, 3, count)
    near -= random.integers(0, 2, count) << (shift - 1)
    product = np.where(random.random(count) < 0.5, near, random.integers(-limit, limit))
    product = np.clip(product, -(1 << 2 * bits - 1), (1 << 2 * bits - 1) - 1)
    drives = [(unit.product, 0, product.tolist()), (unit.to_pre, 0, to_pre.tolist())]
    y, clips = pipelined(unit, drives, [(unit.y, 2), (unit.clips, 1)], 2)
    wanted = [
        arithmetic.saturate(arithmetic.shift_round(value, int(by)), bits)
        for value, by in zip(product, shift, strict=True)
    ]
    assert y.tolist() == [int(value) for value, _ in wanted]
    assert clips.tolist() == [int(clipped) for _, clipped in wanted]
    assert 0 < clips.sum() < count
