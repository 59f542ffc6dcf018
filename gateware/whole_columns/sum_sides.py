"""Sum sides: which layer's sums are gathered, and which are taken."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

SIDES = 2


class SumSides(wiring.Component):
    """While the sums of one layer are taken, the next layer's are gathered on the other side.

    Parameters
    ----------
    depth : int
        Words of S sums on each side.

    Members
    -------
    end : In(1), end_side : In(1)
        All sums of a layer are in its side's memory.
    begin : In(1)
        The next layer's sums are wanted from now on.
    shift : In(1)
        The word at ``at`` is taken.
    active : Out(1)
        The side that is taken from, or will be.
    takes : Out(2)
        Sides whose layer is complete.
    full : Out(1)
        The active side is.
    at : Out(range(depth))
    wipe : In(1), wipe_at : In(range(depth))
        A word of both sides is to be cleared, while no sums are gathered or taken.
    clears : Out(2), clear_at : Out(range(depth))
        A side's word that was taken or named a cycle ago, to be cleared.
    opens : Out(2)
        Sides of which words are taken or cleared.
    """

    def __init__(self, *, depth):
        super().__init__(
            {
                "end": In(1),
                "end_side": In(1),
                "begin": In(1),
                "shift": In(1),
                "active": Out(1, init=SIDES - 1),
                "takes": Out(SIDES),
                "full": Out(1),
                "at": Out(range(depth)),
                "wipe": In(1),
                "wipe_at": In(range(depth)),
                "opens": Out(SIDES),
                "clears": Out(SIDES),
                "clear_at": Out(range(depth)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shifted, wiped = Signal(), Signal()
        m.d.sync += [
            shifted.eq(self.shift),
            wiped.eq(self.wipe),
            self.clear_at.eq(Mux(self.wipe, self.wipe_at, self.at)),
        ]
        taken = Cat(shifted & (self.active == side) for side in range(SIDES))
        m.d.comb += [
            self.full.eq(self.takes.bit_select(self.active, 1)),
            self.clears.eq(taken | wiped.replicate(SIDES)),
            self.opens.eq(self.takes | wiped.replicate(SIDES)),
        ]
        with m.If(self.shift):
            m.d.sync += self.at.eq(self.at + 1)
        with m.If(self.end):
            m.d.sync += self.takes.bit_select(self.end_side, 1).eq(1)
        with m.If(self.begin):
            m.d.sync += [
                self.active.eq(~self.active),
                self.at.eq(0),
                self.takes.bit_select(self.active, 1).eq(0),
            ]
        return m
