"""Decimator: bits of a PDM microphone to samples."""

from itertools import pairwise

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .sample_ring import SAMPLE


class Cic(wiring.Component):
    """`thresh.audio.decimator.Decimator` without its halving, every integer.

    Integrators that wrap, one bit after another; every ``ratio`` bits the last one goes, narrowed,
    through the differences, which share a subtractor. A sample comes ``order + 2`` cycles after the
    bit that follows its last one by ``order - 1``. Bits begin at the reset: until a network is
    loaded the block is held in it.

    Cost on iCE40: 183 logic cells for order 3 and ratio 125.

    Parameters
    ----------
    decimator : thresh.audio.decimator.Decimator

    Members
    -------
    bit : In(1), strobe : In(1)
        A bit, in a cycle with ``strobe``.
    o : Out(stream of signed(16), always ready)
        Samples.
    """

    def __init__(self, *, decimator):
        self.decimator = decimator
        super().__init__(
            {
                "bit": In(1),
                "strobe": In(1),
                "o": Out(stream.Signature(SAMPLE, always_ready=True)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        order, ratio = self.decimator.order, self.decimator.ratio
        bits, width = self.decimator.bits, self.decimator.width

        # Integrators: each adds what the one before it was, so the last is order - 1 bits late.
        sums = [Signal(bits, name=f"sum_{stage}") for stage in range(order)]
        # The count begins so much below zero.
        late = order - 1
        width_of_count = (ratio + late - 1).bit_length()
        count = Signal(width_of_count, init=(1 << width_of_count) - late)
        whole = Signal()
        m.d.sync += whole.eq(0)
        with m.If(self.strobe):
            m.d.sync += sums[0].eq(sums[0] + Cat(C(1, 1), (~self.bit).replicate(bits - 1)))
            for before, after in pairwise(sums):
                m.d.sync += after.eq(after + before)
            m.d.sync += [
                count.eq(Mux(count == ratio - 1, 0, count + 1)),
                whole.eq(count == ratio - 1),
            ]

        # Differences, one in a cycle: their delays go round.
        value = Signal(width)
        delays = [Signal(width, name=f"delay_{stage}") for stage in range(order)]
        left = Signal(order)
        with m.If(whole):
            m.d.sync += [value.eq(sums[-1][self.decimator.shift :]), left.eq(-1)]
        with m.Elif(left[0]):
            m.d.sync += [value.eq(value - delays[0]), left.eq(left >> 1), delays[-1].eq(value)]
            for before, after in zip(delays[1:], delays[:-1], strict=True):
                m.d.sync += after.eq(before)
        m.d.sync += self.o.valid.eq(left == 1)
        m.d.comb += self.o.payload.eq(value.as_signed())
        return m
