"""Counters of the front end's loops: bins, spans and twiddle angles."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .front_end_program import Phase


class TransformCounters(wiring.Component):
    """Which bin a loop is at, and whether this turn of it was the last.

    ``bin`` counts complex words 0 to n - 1, in the transform the upper word of each butterfly,
    whose partner lies ``span`` further; it then counts bins 1 to n/2, and 1 to n - 1 for every
    interval and the next. ``angle`` is the butterfly's or the bin's twiddle.

    Cost on iCE40: 85 logic cells.

    Parameters
    ----------
    points : int
        Real samples, 2 n.

    Members
    -------
    clear : In(1)
        Before a frame.
    step : In(1)
        Ends a turn of the loop.
    phase : In(Phase)
    interval_ends : In(1)
        The bin is its interval's last.
    rewind : In(1)
        Back to the interval after the band's first.
    leave : Out(1)
        A step now leaves the loop.
    bin, partner, mirror, angle : Out(range(n))
    """

    def __init__(self, *, points):
        self.points = points
        bins = range(points // 2)
        super().__init__(
            {
                "clear": In(1),
                "step": In(1),
                "phase": In(Phase),
                "interval_ends": In(1),
                "rewind": In(1),
                "leave": Out(1),
                "bin": Out(bins),
                "partner": Out(bins),
                "mirror": Out(bins),
                "angle": Out(bins),
            }
        )

    def elaborate(self, platform):
        m = Module()
        width = len(self.bin)
        # One bit; above the bins' it is the step of an angle by one and joins no two words.
        span = Signal(width + 1, init=1 << width)
        # Cleared before they count.
        bin_ = Signal(width, reset_less=True)
        angle = Signal.like(self.angle, reset_less=True)
        swept, following, mark = Signal(), Signal(width), Signal(width)
        m.d.comb += [
            self.bin.eq(bin_),
            self.angle.eq(angle),
            self.partner.eq(self.bin | span[:width]),
            self.mirror.eq(-self.bin),
            swept.eq(self.partner.all()),
            following.eq((self.partner + 1) & ~span[:width]),
        ]
        with m.Switch(self.phase):
            with m.Case(Phase.WINDOW, Phase.SCALE):
                m.d.comb += self.leave.eq(swept)
            with m.Case(Phase.TRANSFORM):
                m.d.comb += self.leave.eq(swept & span[width - 1])
            with m.Case(Phase.SPLIT):
                m.d.comb += self.leave.eq(self.bin[-1])
            with m.Case(Phase.RISE, Phase.FALL):
                m.d.comb += self.leave.eq(self.interval_ends)
            with m.Default():
                m.d.comb += self.leave.eq(1)
        with m.If(self.step):
            m.d.sync += [bin_.eq(following), angle.eq(angle + span[::-1])]
            with m.If((self.phase == Phase.TRANSFORM) & swept):
                m.d.sync += span.eq(span << 1)
            with m.If(self.leave):
                with m.Switch(self.phase):
                    with m.Case(Phase.SCALE):
                        m.d.sync += span.eq(1)
                    with m.Case(Phase.TRANSFORM):
                        m.d.sync += [bin_.eq(1), angle.eq(1)]
                    with m.Case(Phase.SPLIT):
                        m.d.sync += bin_.eq(1)
                    with m.Case(Phase.RISE):
                        m.d.sync += mark.eq(following)
        with m.If(self.rewind):
            m.d.sync += bin_.eq(mark)
        with m.If(self.clear):
            m.d.sync += [bin_.eq(0), angle.eq(0)]
        return m
