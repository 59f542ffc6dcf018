"""Narrowing: an accumulator becomes a pre-activation."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.saturate import extreme
from thresh.model.arithmetic import ACCUMULATOR_BITS
from thresh.model.network import MAX_SHIFT


class Narrow(wiring.Component):
    """``pre = saturate(shift_round(accumulator, shift))``, halves upwards; three cycles.

    Equals `thresh.model.arithmetic.narrow`.

    Parameters
    ----------
    value_bits : int

    Members
    -------
    accumulator : In(signed(32)), shift : In(range(16))
    pre : Out(signed(V))
    clips : Out(1)
        ``pre`` is clipped in the next cycle.
    """

    latency = 3

    def __init__(self, *, value_bits):
        self.value_bits = value_bits
        super().__init__(
            {
                "accumulator": In(signed(ACCUMULATOR_BITS)),
                "shift": In(range(MAX_SHIFT + 1)),
                "pre": Out(signed(value_bits)),
                "clips": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        bits = self.value_bits
        shifted, half = Signal(signed(ACCUMULATOR_BITS)), Signal()
        m.d.sync += [
            shifted.eq(self.accumulator >> self.shift),
            half.eq(Cat(C(0, 1), self.accumulator).bit_select(self.shift, 1)),
        ]
        # Whether the sum would leave the range is found beside the adder: with half a unit, all
        # ones carry into the first bit beyond.
        rounded, sign, carried = Signal(bits), Signal(), Signal()
        all_beyond, any_beyond = Signal(), Signal()
        m.d.sync += [
            rounded.eq(shifted[:bits] + half),
            sign.eq(shifted[-1]),
            carried.eq(shifted[bits - 1] | (shifted[: bits - 1].all() & half)),
            all_beyond.eq(shifted[bits:].all()),
            any_beyond.eq(shifted[bits:].any()),
        ]
        m.d.comb += self.clips.eq(Mux(sign, ~(all_beyond & carried), any_beyond | carried))
        m.d.sync += self.pre.eq(Mux(self.clips, extreme(sign, bits), rounded))
        return m
