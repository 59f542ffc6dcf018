"""A multiplier that several blocks take turns with, and the one of a block that is alone."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.columns.multiplier import Multiplier

FACTOR_BITS = 16
"""Width of either factor."""


def multiplier_port():
    """Signature of a block's way to a multiplier of 16 x 16 bits.

    ``product = unsigned * signed`` comes a number of cycles later that the block is told;
    ``unsigned`` is 0 to 2**15. Both factors go to registers at the multiplier's side, so that a
    multiplier that serves another block too costs that block's registers one input more.
    """
    return wiring.Signature(
        {
            "unsigned": Out(FACTOR_BITS),
            "signed": Out(signed(FACTOR_BITS)),
            "product": In(signed(2 * FACTOR_BITS)),
        }
    )


class SoleMultiplier(wiring.Component):
    """A multiplier behind a port; ``latency = 1 + multiplier.latency`` cycles, one per cycle.

    Parameters
    ----------
    multiplier : class
        A `thresh.gateware.columns.multiplier.Multiplier`.

    Members
    -------
    port : In(`multiplier_port`)
    """

    def __init__(self, *, multiplier=Multiplier):
        self.multiplier = multiplier
        self.latency = 1 + multiplier.latency
        super().__init__({"port": In(multiplier_port())})

    def elaborate(self, platform):
        m = Module()
        m.submodules.multiplier = inner = self.multiplier(a_bits=FACTOR_BITS, b_bits=FACTOR_BITS)
        m.d.sync += [
            inner.a.eq(inner.prepare(self.port.unsigned)),
            inner.b.eq(self.port.signed),
        ]
        m.d.comb += self.port.product.eq(inner.product)
        return m
