"""Issue timer: when the next instruction may begin."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .program import GAP_BITS


class IssueTimer(wiring.Component):
    """Counts an instruction's elements, one per cycle, and then the next one's gap.

    Instructions without a gap follow one another without a cycle between them.

    Parameters
    ----------
    beats : int
        Elements of an instruction, at least 4.

    Members
    -------
    prepare : In(1)
        A program begins: its first instruction is due.
    gap : In(5)
        Cycles between the last element of the instruction under way and the next instruction; it
        holds from two cycles after ``launch``.
    no_gap : In(1)
        There are none: the instruction goes on with another block.
    launch : In(1)
        The next instruction begins in the next cycle; only while it is ``due``.
    due : Out(1)
    running, last : Out(1), element : Out
        An element is issued; it is the last; its number.
    """

    def __init__(self, *, beats):
        self.beats = beats
        super().__init__(
            {
                "prepare": In(1),
                "gap": In(GAP_BITS),
                "no_gap": In(1),
                "launch": In(1),
                "due": Out(1),
                "running": Out(1),
                "last": Out(1),
                "element": Out(range(beats)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        without_gap, short_gap, left = Signal(), Signal(), Signal(GAP_BITS)
        m.d.sync += [
            without_gap.eq((self.gap == 0) | self.no_gap),
            short_gap.eq((self.gap <= 1) | self.no_gap),
        ]
        # The next is due in an element's last cycle, or when its gap is over.
        second_last = self.element == self.beats - 2
        with m.If(self.running):
            m.d.sync += [
                left.eq(self.gap),
                self.due.eq((without_gap & second_last) | (short_gap & self.last & ~self.launch)),
            ]
        with m.Elif(self.launch):
            m.d.sync += self.due.eq(0)
        with m.Elif(~self.due):
            m.d.sync += [left.eq(left - 1), self.due.eq(left <= 2)]

        with m.If(self.running):
            m.d.sync += [self.element.eq(self.element + 1), self.last.eq(second_last)]
            with m.If(self.last):
                m.d.sync += [self.running.eq(0), self.last.eq(0)]
        with m.If(self.launch):
            m.d.sync += self.running.eq(1)
        with m.If(self.prepare):
            m.d.sync += self.due.eq(1)
        return m
