"""Addresses of the front end's two memories."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .front_end_program import WORD, Place, Table


class FrontEndAddresses(wiring.Component):
    """Places of samples and table words, in the cycle of a micro-instruction.

    The sample memory holds the ring, then ``points`` words of work, the parts of complex words
    side by side. The window is its first half and back again; cosine and sine are a quarter.

    Cost on iCE40: 110 logic cells.

    Parameters
    ----------
    layout : thresh.audio.front_end_tables.TableLayout

    Members
    -------
    control : In(`WORD`)
    begin : In(1), advance : In(1), next_band : In(1)
        A frame begins; a sample of its window was read; the next band follows.
    power : In(4)
        Low bits of the address of the block's power of two.
    mantissa : In(7)
    head, tail : In(range(points))
        Of the ring.
    bin, partner, mirror, angle : In(range(points / 2))
    sample, table : Out(range(2 * points))
    """

    def __init__(self, *, layout):
        self.layout = layout
        points = layout.points
        super().__init__(
            {
                "control": In(WORD),
                "begin": In(1),
                "advance": In(1),
                "next_band": In(1),
                "power": In(4),
                "mantissa": In(7),
                "head": In(range(points)),
                "tail": In(range(points)),
                "bin": In(range(points // 2)),
                "partner": In(range(points // 2)),
                "mirror": In(range(points // 2)),
                "angle": In(range(points // 2)),
                "sample": Out(range(2 * points)),
                "table": Out(range(2 * points)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        layout = self.layout
        width = len(self.bin)

        # Samples.
        place = Signal(width)
        with m.Switch(self.control.place):
            with m.Case(Place.BIN):
                m.d.comb += place.eq(self.bin)
            with m.Case(Place.PARTNER):
                m.d.comb += place.eq(self.partner)
            with m.Case(Place.MIRROR):
                m.d.comb += place.eq(self.mirror)
            with m.Case(Place.REVERSED):
                m.d.comb += place.eq(self.bin[::-1])
        m.d.comb += self.sample.eq(
            Mux(
                self.control.place == Place.RING,
                self.tail,
                Cat(self.control.imaginary, place, C(1, 1)),
            )
        )

        # The window goes up to its middle and down again, then stays at its zero.
        hann = Signal(width + 1, init=layout.quarter)
        band = Signal(width, reset_less=True)
        rises = self.bin < layout.window // 4
        with m.If(self.advance & (self.bin < layout.window // 2)):
            m.d.sync += hann.eq(hann + Mux(rises, 1, -1))
        with m.If(self.next_band):
            m.d.sync += band.eq(band + 1)
        with m.If(self.begin):
            m.d.sync += band.eq(layout.norms // 2)

        # Table words; beyond a quarter the cosine is negative and runs back.
        backward, beyond = Signal(width), self.angle[-1]
        m.d.comb += backward.eq(-self.angle)
        with m.Switch(self.control.table):
            with m.Case(Table.COSINE):
                m.d.comb += self.table.eq(Mux(beyond, backward, self.angle))
            with m.Case(Table.SINE):
                m.d.comb += self.table.eq(Mux(beyond, self.angle, backward) ^ layout.quarter)
            with m.Case(Table.WINDOW):
                m.d.comb += self.table.eq(hann)
            with m.Case(Table.POWER):
                m.d.comb += self.table.eq(Cat(self.power, C(layout.powers >> 4, width - 3)))
            with m.Case(Table.NORM):
                m.d.comb += self.table.eq(Cat(self.control.imaginary, band))
            with m.Case(Table.MEL):
                m.d.comb += self.table.eq(Cat(self.bin, C(layout.mels >> width, 2)))
            with m.Case(Table.LOGARITHM):
                m.d.comb += self.table.eq(Cat(self.mantissa, C(layout.logs >> 7, width - 5)))
        return m
