"""List replay: where in the lists a pass is, and whether it ends."""

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from .list_length import list_length
from .pass_table import PASS

ENTRY = data.StructLayout({"hidden": 1, "inputs": 1, "ends": 1})
"""Which list is entered, and whether the pass ends with its first event."""


class ListReplay(wiring.Component):
    """Goes along a list, one event per cycle, and looks ahead to its end.

    Whether a pass ends now was found a cycle ago; when it turns out later that no input follows,
    it ends in a cycle of its own.

    Parameters
    ----------
    depth : int
        Events in one bank of the nonzero queue.

    Members
    -------
    advance : In(1)
        The next event, or list, is at hand in the next cycle; without it everything stays.
    enter : In(1), entry : In(`ENTRY`)
        With ``advance``, a list is entered.
    h, x : In(`list_length`)
        The layer's lists. ``x_none`` : In(1), the input list is known to be empty.
    now : In(`PASS`)
        The pass under way.
    h_segment, x_segment : In(16), parity : In(1)
        First addresses of the lists, and the bank of the input list.
    in_h, in_x : Out(1)
        The list under way.
    final, ends : Out(1)
        The list ends with this event; the pass does.
    address : Out
        Bank and address of the event.
    """

    def __init__(self, *, depth):
        self.depth = depth
        length = list_length(depth)
        super().__init__(
            {
                "advance": In(1),
                "enter": In(1),
                "entry": In(ENTRY),
                "h": In(length),
                "x": In(length),
                "x_none": In(1),
                "now": In(PASS),
                "h_segment": In(16),
                "x_segment": In(16),
                "parity": In(1),
                "in_h": Out(1),
                "in_x": Out(1),
                "final": Out(1),
                "ends": Out(1),
                "address": Out(Shape.cast(range(depth)).width + 1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        bank, position = Signal(), Signal(len(self.address) - 1)
        offset, limit = Signal.like(self.h.limit), Signal.like(self.h.limit)
        first, is_two, third_last = Signal(), Signal(), Signal()
        before_last = Mux(first, is_two, third_last)
        m.d.comb += self.address.eq(Cat(position, bank))
        with m.If(self.advance):
            m.d.sync += [
                first.eq(self.enter),
                third_last.eq(offset == limit),
                offset.eq(offset + 1),
                position.eq(position + 1),
                self.final.eq(before_last),
                self.ends.eq(
                    self.ends | (before_last & (self.in_x | ~self.now.inputs | self.x_none))
                ),
            ]
            with m.If(self.enter):
                hidden = self.entry.hidden
                m.d.sync += [
                    self.in_h.eq(hidden),
                    self.in_x.eq(~hidden & self.entry.inputs),
                    position.eq(Mux(hidden, self.h_segment, self.x_segment)),
                    bank.eq(hidden ^ self.parity),
                    offset.eq(0),
                    limit.eq(Mux(hidden, self.h.limit, self.x.limit)),
                    is_two.eq(Mux(hidden, self.h.two, self.x.two)),
                    self.final.eq(Mux(hidden, self.h.one, self.x.one)),
                    self.ends.eq(self.entry.ends),
                ]
        return m
