"""Capture queue: the running sums of several passes, one behind the other."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory

from thresh.gateware.lib.delayed import delayed
from thresh.layout.sizes import ceil_div

from .capture_register import capture_members


class CaptureQueue(wiring.Component):
    """Captures wait in a memory, out of which one word after another is read.

    Words leave a cycle after ``shift``.

    Parameters
    ----------
    width, word_bits : int
        Bits of a capture and of a word of it.
    captures : int
        Most captures that wait or leave.

    Members
    -------
    As `capture_members` says.
    """

    def __init__(self, *, width, word_bits, captures):
        self.width = width
        self.word_bits = word_bits
        self.captures = captures
        super().__init__(capture_members(width, word_bits))

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = Memory(
            shape=self.width, depth=1 << self.captures.bit_length(), init=[]
        )
        write, read = memory.write_port(), memory.read_port(domain="comb")
        m.d.comb += [write.en.eq(self.load), write.data.eq(self.i)]
        m.d.sync += [write.addr.eq(write.addr + self.load), self.valid.eq(self.shift)]
        # The next place is counted beside it, so that no logic leads to the addresses.
        place = Cat(self.element, read.addr)
        following = Signal(len(place), init=1)
        with m.If(self.shift):
            m.d.sync += [place.eq(following), following.eq(following + 1)]
        # One of four words is chosen before a register, and one of those behind it.
        near, far = self.element[:2], delayed(m, self.element[2:], 1, "far")[-1]
        quarters = ceil_div(self.width, 4 * self.word_bits)
        chosen = Signal(quarters * self.word_bits)
        for number in range(quarters):
            words = read.data[4 * number * self.word_bits :][: 4 * self.word_bits]
            word = words.word_select(near, self.word_bits)
            m.d.sync += chosen.word_select(number, self.word_bits).eq(word)
        m.d.comb += self.o.eq(chosen.word_select(far, self.word_bits))
        return m
