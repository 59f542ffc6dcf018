"""Capture difference: what a pass added to the running sums."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.model.arithmetic import ACCUMULATOR_BITS


class CaptureDifference(wiring.Component):
    """``sum = capture - the capture before it``, modulo ``2**sum_bits``, a cycle later.

    Parameters
    ----------
    pointwise_lanes, beats : int
        Sums of a word, and words of a capture.
    sum_bits : int
        Bits of a running sum; a difference of fewer than 32 is extended with its sign.

    Members
    -------
    i : In(S * sum_bits), valid : In(1), element : In
        A word of a capture, and the number of the word in the next cycle.
    sums : Out(S * 32)
    """

    def __init__(self, *, pointwise_lanes, beats, sum_bits):
        self.pointwise_lanes = pointwise_lanes
        self.beats = beats
        self.sum_bits = sum_bits
        super().__init__(
            {
                "i": In(pointwise_lanes * sum_bits),
                "valid": In(1),
                "element": In(range(beats)),
                "sums": Out(pointwise_lanes * ACCUMULATOR_BITS),
            }
        )

    def elaborate(self, platform):
        m = Module()
        # The last capture of the same lanes waits in a ring.
        m.submodules.before = before = Memory(shape=len(self.i), depth=self.beats, init=[])
        read, write = before.read_port(), before.write_port()
        element = Signal.like(self.element)
        m.d.sync += element.eq(self.element)
        m.d.comb += [
            read.addr.eq(self.element),
            write.en.eq(self.valid),
            write.addr.eq(element),
            write.data.eq(self.i),
        ]
        bits = self.sum_bits
        for number in range(self.pointwise_lanes):
            total = self.i.word_select(number, bits) - read.data.word_select(number, bits)
            if bits < ACCUMULATOR_BITS:
                total = total[:bits].as_signed()
            m.d.sync += self.sums.word_select(number, ACCUMULATOR_BITS).eq(total)
        return m
