"""One multiply-accumulate unit."""

from typing import ClassVar

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.model.arithmetic import ACCUMULATOR_BITS


class MacLane(wiring.Component):
    """``accumulator += weight * delta``, every cycle, modulo 2**32.

    A running sum that is never cleared: what a pass added is the difference of two captures. The
    behavioural twin of every board's own multiplier.

    Parameters
    ----------
    weight_bits, value_bits : int

    Members
    -------
    weight : In(signed(weight_bits))
    delta : In(signed(value_bits))
    accumulator : Out(signed(32))
        Holds a product `latency` cycles after its operands came.
    """

    latency = 3
    multipliers = 1
    """Of the device's own, in one component."""
    products = 1
    """Lanes that are one component: their weights and sums lie side by side."""
    sum_bits = ACCUMULATOR_BITS
    """Bits of a sum, of which every difference of two captures must leave room for the sign."""

    more_members: ClassVar[dict] = {}

    def __init__(self, *, weight_bits, value_bits):
        self.weight_bits = weight_bits
        self.value_bits = value_bits
        super().__init__(
            {
                "weight": In(signed(self.products * weight_bits)),
                "delta": In(signed(value_bits)),
                "accumulator": Out(signed(self.products * self.sum_bits)),
                **self.more_members,
            }
        )

    def elaborate(self, platform):
        m = Module()
        weight = Signal.like(self.weight)
        delta = Signal.like(self.delta)
        product = Signal(signed(self.weight_bits + self.value_bits))
        m.d.sync += [
            weight.eq(self.weight),
            delta.eq(self.delta),
            product.eq(weight * delta),
            self.accumulator.eq(self.accumulator + product),
        ]
        return m


class ProductLane(MacLane):
    """A lane of a multiplier that has registers of its own, its sum in logic behind them."""

    def product(self, m):
        """Weight times delta, as many cycles later as is one less than the lane's `latency`."""
        raise NotImplementedError

    def elaborate(self, platform):
        m = Module()
        product = self.product(m)
        accumulator = Signal.like(self.accumulator, reset_less=True)
        m.d.sync += accumulator.eq(accumulator + product)
        m.d.comb += self.accumulator.eq(accumulator)
        return m
