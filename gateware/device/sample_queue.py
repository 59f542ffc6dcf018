"""Samples on their way to a core whose clock stands between the frames."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.audio.sample_ring import SAMPLE

MOST_WAITING = 3
"""Batches that may wait: more than the memory holds."""


class SampleQueue(wiring.Component):
    """Gathers the samples of a frame, so that the core wakes once for all of them.

    The first batch has ``window`` samples, each further one ``hop``. A batch lies there until as
    many samples have come as the memory has beyond it.

    Cost on iCE40: 41 logic cells and a block RAM.

    Parameters
    ----------
    depth : int
        Samples, a power of two.
    window, hop : int

    Members
    -------
    i : In(stream of signed(16), always ready)
        In domain ``audio``.
    whole : Out(1), ask : Out(1), busy : In(1), waiting : Out(1)
        In domain ``audio``: a batch is complete; it is handed over, while not ``busy``; there is
        one that was not.
    o : Out(stream of signed(16))
        In domain ``sync``: what was handed over; a sample in two cycles.
    """

    def __init__(self, *, depth, window, hop):
        self.depth = depth
        self.window = window
        self.hop = hop
        super().__init__(
            {
                "i": In(stream.Signature(SAMPLE, always_ready=True)),
                "whole": Out(1),
                "ask": Out(1),
                "busy": In(1),
                "waiting": Out(1),
                "o": Out(stream.Signature(SAMPLE)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = Memory(shape=16, depth=self.depth, init=[])
        write, read = memory.write_port(domain="audio"), memory.read_port(domain="sync")
        left = Signal(range(max(self.window, self.hop)), init=self.window - 1)
        batches = Signal(range(MOST_WAITING + 1))
        m.d.comb += [
            write.en.eq(self.i.valid),
            write.data.eq(self.i.payload),
            self.whole.eq(self.i.valid & (left == 0)),
            self.waiting.eq(batches != 0),
            self.ask.eq(self.waiting & ~self.busy),
        ]
        m.d.audio += batches.eq(batches + self.whole - self.ask)
        with m.If(self.i.valid):
            m.d.audio += [
                write.addr.eq(write.addr + 1),
                left.eq(Mux(left == 0, self.hop - 1, left - 1)),
            ]
        taken = Signal()
        m.d.comb += [
            taken.eq(self.o.valid & self.o.ready),
            self.o.payload.eq(read.data),
        ]
        m.d.sync += self.o.valid.eq(~taken)
        with m.If(taken):
            m.d.sync += read.addr.eq(read.addr + 1)
        return m
