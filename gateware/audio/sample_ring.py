"""The ring of samples: frames that overlap, from a stream."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

SAMPLE = signed(16)


class SampleRing(wiring.Component):
    """Where in a ring of words samples go, and where the frames begin that they complete.

    The first frame is complete with ``window`` samples, each further one with ``hop`` more. A
    sample is held until a cycle in which its memory is free. While a frame waits or is read, no
    sample is taken that would overwrite it.

    Cost on iCE40: 65 logic cells.

    Parameters
    ----------
    points : int
        Words of the ring, a power of two.
    window, hop : int

    Members
    -------
    i : In(stream of signed(16))
    free : In(1)
        The memory takes ``word`` at ``head`` in this cycle where ``write`` is high.
    write : Out(1), word : Out(16), head : Out(range(points))
    pending : Out(1)
        A frame is complete and has not begun.
    begin : In(1), done : In(1)
        Begins to read it; has read it: ``points`` words from ``tail``.
    advance : In(1), tail : Out(range(points))
        Place of the next sample of the frame.
    """

    def __init__(self, *, points, window, hop):
        self.points = points
        self.window = window
        self.hop = hop
        super().__init__(
            {
                "i": In(stream.Signature(SAMPLE)),
                "free": In(1),
                "write": Out(1),
                "word": Out(16),
                "head": Out(range(points)),
                "pending": Out(1),
                "begin": In(1),
                "done": In(1),
                "advance": In(1),
                "tail": Out(range(points)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        held, reading = Signal(), Signal()
        left = Signal(range(max(self.window, self.hop)), init=self.window - 1)
        # A waiting frame leaves room for this many samples; one is kept for the next frame.
        room = min(self.points - self.window, self.hop - 1)
        full = Signal()
        m.d.comb += [
            full.eq((self.pending | reading) & (left == self.hop - 1 - room)),
            self.i.ready.eq(~held & ~full),
            self.write.eq(held & self.free),
        ]
        with m.If(self.write):
            m.d.sync += [held.eq(0), self.head.eq(self.head + 1), left.eq(left - 1)]
            with m.If(left == 0):
                m.d.sync += [left.eq(self.hop - 1), self.pending.eq(1)]
        with m.If(self.i.valid & self.i.ready):
            m.d.sync += [held.eq(1), self.word.eq(self.i.payload)]
        with m.If(self.begin):
            m.d.sync += [self.pending.eq(0), reading.eq(1)]
        with m.If(self.done):
            m.d.sync += reading.eq(0)
        # Reading goes once round the ring, so the next frame lies a hop further.
        with m.If(self.advance | self.done):
            m.d.sync += self.tail.eq(self.tail + Mux(self.done, self.hop, 1))
        return m
