"""Samples at half their rate."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .sample_ring import SAMPLE


class Halver(wiring.Component):
    """``(x[2k] + 2 x[2k+1] + x[2k+2]) >> 2``, a cycle after the third.

    Cost intent: 40 logic cells.

    Members
    -------
    i, o : In, Out(stream of signed(16), always ready)
    """

    def __init__(self):
        flow = stream.Signature(SAMPLE, always_ready=True)
        super().__init__({"i": In(flow), "o": Out(flow)})

    def elaborate(self, platform):
        m = Module()
        second, begun, total = Signal(), Signal(), Signal(signed(18))
        m.d.sync += self.o.valid.eq(self.i.valid & ~second & begun)
        with m.If(self.i.valid):
            m.d.sync += second.eq(~second)
            with m.If(second):
                m.d.sync += [total.eq(total + (self.i.payload << 1)), begun.eq(1)]
            with m.Else():
                m.d.sync += [
                    total.eq(self.i.payload),
                    self.o.payload.eq((total + self.i.payload) >> 2),
                ]
        return m
