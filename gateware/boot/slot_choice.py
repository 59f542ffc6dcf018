"""Slot choice: which of two slots is tried first, from their headers' bits."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.flash_slots import HEADER_BYTES, MAGIC, NUMBER_BYTES

MAGIC_BITS, NUMBER_BITS = 8 * len(MAGIC), 8 * NUMBER_BYTES
HEADER_BITS = 8 * HEADER_BYTES


class SlotChoice(wiring.Component):
    """Takes the header of slot 0, then that of slot 1, a bit a strobe; ready a cycle later.

    ``first`` is the slot with the larger sequence number of two with a magic, slot 0 of two equal
    ones. No header is kept but slot 0's sequence number.

    Members
    -------
    strobe, bit : In(1), place : In
        A bit and its place, counted down from the magic's first.
    slot : In(1)
        Whose header it is.
    first : Out(1)
        What is tried first.
    named : Out(2)
        Slots with a magic.
    broken : Out(1)
        A slot is neither blank nor has a magic.
    """

    def __init__(self):
        super().__init__(
            {
                "strobe": In(1),
                "bit": In(1),
                "place": In(range(HEADER_BITS)),
                "slot": In(1),
                "first": Out(1),
                "named": Out(2, init=0b11),
                "broken": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        magic = C(int.from_bytes(MAGIC, "big") << HEADER_BITS - MAGIC_BITS, HEADER_BITS)
        blank = Signal(2, init=0b11)
        number, newer, decided = Signal(NUMBER_BITS), Signal(), Signal()
        with m.If(self.strobe):
            with m.If(self.place >= 2 * NUMBER_BITS):
                with m.If(self.bit != magic.bit_select(self.place, 1)):
                    m.d.sync += self.named.bit_select(self.slot, 1).eq(0)
                with m.If(~self.bit):
                    m.d.sync += blank.bit_select(self.slot, 1).eq(0)
            with m.Elif(self.place >= NUMBER_BITS):
                # Slot 0's number goes round, so that slot 1's meets it from the upper bit on.
                m.d.sync += number.eq(Cat(Mux(self.slot, number[-1], self.bit), number))
                with m.If(self.slot & ~decided & (self.bit != number[-1])):
                    m.d.sync += [decided.eq(1), newer.eq(self.bit)]
        m.d.comb += [
            self.first.eq(Mux(self.named.all(), newer, self.named[1])),
            self.broken.eq((~blank & ~self.named).any()),
        ]
        return m
