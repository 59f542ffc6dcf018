"""Product lane: a weight times a delta."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class ProductLane(wiring.Component):
    """``product = weight * delta``, `latency` cycles after the weight, one per cycle.

    Parameters
    ----------
    weight_bits, value_bits : int

    Members
    -------
    weight : In(signed(weight_bits))
    delta : In(signed(value_bits))
        A cycle after its weight.
    product : Out(signed(weight_bits + value_bits))
    """

    latency = 4

    def __init__(self, *, weight_bits, value_bits):
        self.weight_bits = weight_bits
        self.value_bits = value_bits
        super().__init__(
            {
                "weight": In(signed(weight_bits)),
                "delta": In(signed(value_bits)),
                "product": Out(signed(weight_bits + value_bits)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        # All but the first are registers that a multiplier can take in: its own, without reset.
        first = Signal.like(self.weight, reset_less=True)
        weight = Signal.like(self.weight, reset_less=True)
        delta = Signal.like(self.delta, reset_less=True)
        partial = Signal.like(self.product, reset_less=True)
        whole = Signal.like(self.product, reset_less=True)
        m.d.sync += [
            first.eq(self.weight),
            weight.eq(first),
            delta.eq(self.delta),
            partial.eq(weight * delta),
            whole.eq(partial),
        ]
        m.d.comb += self.product.eq(whole)
        return m
