"""Pass order: which pass of a layer follows which."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .pass_table import PASS, PassTable


class PassOrder(wiring.Component):
    """`thresh.layout.weight_layout.walk`, pass by pass, with the pass after the one under way.

    For each group of blocks, for each pass of the cell, each block of the group.

    Parameters
    ----------
    blocks : int
        Most blocks of a layer.
    interleave : int
        1 or 2.

    Members
    -------
    code : In(4), blocks_minus_1 : In
        Of the layer's cell, and its size.
    restart : In(1), first : In(1)
        A layer begins; its first pass does, two cycles later at the earliest.
    advance : In(1)
        The pass under way ends.
    now : Out(`PASS`), follow : Out(`PASS`)
        The pass under way, and two cycles after ``first`` or three after ``advance`` the next.
    finishes : Out(1)
        No pass follows; from three cycles after ``advance`` on.
    """

    def __init__(self, *, blocks, interleave):
        self.interleave = interleave
        super().__init__(
            {
                "code": In(4),
                "blocks_minus_1": In(range(blocks)),
                "restart": In(1),
                "first": In(1),
                "advance": In(1),
                "now": Out(PASS),
                "follow": Out(PASS),
                "finishes": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.table = table = PassTable()
        m.d.comb += [table.code.eq(self.code), self.follow.eq(table.o)]
        blocks, number = self.blocks_minus_1, table.number
        groups = blocks[self.interleave // 2 :]
        groups_left, last_group = Signal.like(blocks), Signal()

        # A pass is whole with the last block of its group, which in the last group may be the
        # first.
        whole, follow_whole = Signal(init=1), Signal(init=1)
        single, next_single = Signal(), Signal()
        if self.interleave == 2:
            m.d.sync += [
                follow_whole.eq(~whole | Mux(self.now.last, next_single, single)),
                next_single.eq(~blocks[0] & (groups_left == 1)),
            ]
        advanced, group_ended = Signal(), Signal()
        m.d.sync += [
            self.finishes.eq(self.now.last & whole & last_group),
            advanced.eq(self.advance),
            group_ended.eq(self.advance & self.now.last & whole),
        ]
        with m.If(self.advance):
            m.d.sync += whole.eq(follow_whole)
        with m.If(self.first | self.advance):
            m.d.sync += self.now.eq(self.follow)
        with m.If(self.first):
            m.d.sync += number.eq(whole & ~self.follow.last)
        with m.If(advanced & whole):
            m.d.sync += number.eq(Mux(self.now.last, 0, number + 1))
        with m.If(group_ended):
            m.d.sync += [
                groups_left.eq(groups_left - 1),
                last_group.eq(groups_left == 1),
                single.eq(next_single),
            ]
        with m.If(self.restart):
            m.d.sync += [number.eq(0), groups_left.eq(groups), last_group.eq(groups == 0)]
            if self.interleave == 2:
                m.d.sync += [single.eq(blocks == 0), whole.eq(blocks == 0)]
        return m
