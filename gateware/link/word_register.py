"""Word register: a word of a region, taken apart into bytes or put together from them."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.link import Region, word_bytes


def word_port(word_bits):
    """Signature of the register's control.

    With ``load`` a ``move`` takes a whole word, without it the word moves down by a byte and a byte
    comes in at the top of what a word of ``region`` has. ``last`` : ``index`` is the number of that
    region's last byte, found a cycle later.
    """
    return wiring.Signature(
        {
            "region": Out(Region),
            "move": Out(1),
            "load": Out(1),
            "index": Out(range(word_bits // 8 + 1)),
            "last": In(1),
            "word": In(word_bits),
        }
    )


class WordRegister(wiring.Component):
    """Holds the word that a packet brings or an answer takes; the lowest byte comes first.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry

    Members
    -------
    control : In(`word_port`)
    byte : In(8)
        What comes in at the top.
    read_data : In
        The word that is loaded.
    """

    def __init__(self, *, geometry):
        self.geometry = geometry
        self.word_bits = geometry.weight_word_bits
        super().__init__(
            {
                "control": In(word_port(self.word_bits)),
                "byte": In(8),
                "read_data": In(self.word_bits),
            }
        )

    def elaborate(self, platform):
        m = Module()
        control, moved = self.control, Signal(self.word_bits)
        sizes = {region: word_bytes(region, self.geometry) for region in Region}
        size = Signal(range(self.word_bits // 8 + 1))
        with m.Switch(control.region):
            for region, bytes_of_word in sizes.items():
                with m.Case(region):
                    m.d.comb += size.eq(bytes_of_word)
        m.d.sync += control.last.eq(control.index == size - 1)
        m.d.comb += moved.eq(control.word >> 8)
        for bytes_of_word in sorted(set(sizes.values())):
            chosen = Signal(name=f"bytes_{bytes_of_word}")
            m.d.sync += chosen.eq(size == bytes_of_word)
            with m.If(chosen):
                m.d.comb += moved.word_select(bytes_of_word - 1, 8).eq(self.byte)
        with m.If(control.move):
            m.d.sync += control.word.eq(Mux(control.load, self.read_data, moved))
        return m
