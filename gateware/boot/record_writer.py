"""Record writer: the words of a slot's body, into the regions that its records name."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.access import region_port
from thresh.layout.flash_slots import LAST_COUNT
from thresh.layout.link import Region

REGION_AT = LAST_COUNT.bit_length()


class RecordWriter(wiring.Component):
    """A record is a word of region and count, then as many words for it, from its word 0.

    Parameters
    ----------
    word_bits : int
        Of the widest region.

    Members
    -------
    word : In, whole : In(1)
        The next word of the body; it rests for the cycle in which it is whole and one more.
    clear : In(1)
        The next word begins a record.
    enable : In(1)
        Words are written, not only counted.
    access : Out(`region_port`)
    """

    def __init__(self, *, word_bits):
        self.word_bits = word_bits
        self.read_bits = max(word_bits, REGION_AT + 8)
        super().__init__(
            {
                "word": In(self.read_bits),
                "whole": In(1),
                "clear": In(1),
                "enable": In(1),
                "access": Out(region_port(word_bits)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        access, left = self.access, Signal(range(LAST_COUNT + 1))
        m.d.comb += [
            access.enable.eq(self.enable),
            access.write.eq(self.enable & self.whole & (left != 0)),
            access.write_data.eq(self.word),
        ]
        with m.If(self.whole):
            m.d.sync += [left.eq(left - 1), access.address.eq(access.address + 1)]
            with m.If(left == 0):
                m.d.sync += [
                    left.eq(self.word),
                    access.address.eq(0),
                    access.region.eq(self.word[REGION_AT : REGION_AT + len(Value.cast(Region(0)))]),
                ]
        with m.If(self.clear):
            m.d.sync += left.eq(0)
        return m
