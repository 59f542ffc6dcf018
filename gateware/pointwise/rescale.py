"""Rescaling: a product becomes a value."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.saturate import saturate
from thresh.model.arithmetic import GATE_INTEGER_BITS, PRE_INTEGER_BITS, STATE_INTEGER_BITS


class Rescale(wiring.Component):
    """``y = saturate(total >> fraction)``, a cycle later; the fraction is a gate's.

    With ``to_pre`` it goes from the state's scale to that of the pre-activations, which have more
    integer bits: so many more bits are shifted out.

    Parameters
    ----------
    value_bits : int

    Members
    -------
    total : In(signed(2 V + 1)), to_pre : In(1)
        With the `half` of the same ``to_pre`` added, so that halves are rounded upwards.
    y : Out(signed(V))
    clips : Out(1)
        ``y`` is clipped in the next cycle.
    """

    def __init__(self, *, value_bits):
        self.value_bits = value_bits
        self.fraction = value_bits - GATE_INTEGER_BITS
        self.extra = PRE_INTEGER_BITS - STATE_INTEGER_BITS
        super().__init__(
            {
                "total": In(signed(2 * value_bits + 1)),
                "to_pre": In(1),
                "y": Out(signed(value_bits)),
                "clips": Out(1),
            }
        )

    def half(self, to_pre):
        """Half of the last bit of ``y``; an expression."""
        return Mux(
            to_pre,
            C(1 << (self.fraction + self.extra - 1), self.fraction + self.extra),
            Cat(C(1 << (self.fraction - 1), self.fraction), C(0, self.extra)),
        )

    def elaborate(self, platform):
        m = Module()
        scaled = Signal(signed(self.value_bits + 2))
        more, less = self.total >> (self.fraction + self.extra), self.total >> self.fraction
        m.d.comb += scaled.eq(Mux(self.to_pre, more, less))
        clips, clipped = saturate(scaled, self.value_bits)
        m.d.comb += self.clips.eq(clips)
        m.d.sync += self.y.eq(clipped)
        return m
