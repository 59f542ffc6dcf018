"""Capture register: one pass's running sums, on their way out."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


def capture_members(width, word_bits):
    """Members of what keeps captures until they leave.

    load : In(1), i : In(width)
        The running sums of all lanes are captured.
    shift : In(1)
        A word of ``word_bits`` leaves.
    o : Out(word_bits), valid : Out(1)
        It does.
    element : Out
        Number of the capture's word in the next cycle.
    """
    return {
        "load": In(1),
        "i": In(width),
        "shift": In(1),
        "o": Out(word_bits),
        "valid": Out(1),
        "element": Out(range(width // word_bits)),
    }


class CaptureRegister(wiring.Component):
    """A capture leaves a shift register, in the cycles of ``shift``; then comes the next one.

    Parameters
    ----------
    width, word_bits : int
        Bits of a capture and of a word of it.

    Members
    -------
    As `capture_members` says.
    """

    def __init__(self, *, width, word_bits):
        self.width = width
        self.word_bits = word_bits
        super().__init__(capture_members(width, word_bits))

    def elaborate(self, platform):
        m = Module()
        register, element = Signal(self.width), Signal.like(self.element)
        with m.If(self.load):
            m.d.sync += register.eq(self.i)
        with m.Elif(self.shift):
            m.d.sync += register.eq(register >> self.word_bits)
        m.d.sync += element.eq(self.element)
        m.d.comb += [
            self.o.eq(register),
            self.valid.eq(self.shift),
            self.element.eq(Mux(self.shift, element + 1, element)),
        ]
        return m
