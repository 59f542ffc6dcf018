"""Events made long enough to see."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class Stretcher(wiring.Component):
    """``o`` lights for `hold` cycles from an event on and then rests for as long.

    An LED on ``o`` blinks visibly however short or frequent the events are.

    Parameters
    ----------
    hold : int
        Cycles, a power of two.

    Members
    -------
    i : In(1)
    o : Out(1)
    """

    def __init__(self, *, hold):
        if hold < 2 or hold & (hold - 1):
            raise ValueError(f"hold must be a power of two, not {hold!r}")
        self.hold = hold
        super().__init__({"i": In(1), "o": Out(1)})

    def elaborate(self, platform):
        m = Module()
        left = Signal(range(2 * self.hold))
        event = Signal()
        m.d.sync += event.eq(self.i)
        with m.If(left != 0):
            m.d.sync += left.eq(left - 1)
        with m.Elif(event):
            m.d.sync += left.eq(2 * self.hold - 1)
        m.d.comb += self.o.eq(left[-1])
        return m
