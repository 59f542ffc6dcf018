"""A multiplier that several blocks take turns with."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

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
