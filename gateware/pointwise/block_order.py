"""Block order: which block of a layer an instruction works on, and whether it has one."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class BlockOrder(wiring.Component):
    """Goes through a layer's blocks, ``interleave`` of them, a group, at a time.

    A deferred instruction works on the group before: it has nothing to do in the first group, an
    early one nothing after the last, both nothing for a block that is not there. Their time passes
    unused.

    Parameters
    ----------
    blocks : int
        Most blocks of a layer.
    interleave : int
        Blocks that take turns.

    Members
    -------
    prepare : In(1)
        A layer begins; the next three describe it.
    h_block, s_block : In
        Its first blocks in the state memory.
    blocks_minus_1 : In
    start : In(1), skip : In(1)
        Its program begins two cycles later; there is nothing to do.
    place : In
        Which block of the group the next instruction works on.
    deferred, last, drains, closes : In(1)
        Of the next instruction, as in `INSTRUCTION`.
    advance : In(1)
        The last instruction launched was that of its group's last block, and is still at hand.
    h, s : Out
        Blocks of the state memory that the next instruction works on.
    has_work : Out(1)
        It works on a block; without a register.
    finished : Out(1)
        Nothing is left to be launched.
    """

    def __init__(self, *, blocks, interleave):
        self.blocks = blocks
        self.interleave = interleave
        block = range(blocks)
        super().__init__(
            {
                "prepare": In(1),
                "h_block": In(block),
                "s_block": In(block),
                "blocks_minus_1": In(16),
                "start": In(1),
                "skip": In(1),
                "place": In(range(interleave)),
                "deferred": In(1),
                "last": In(1),
                "drains": In(1),
                "closes": In(1),
                "advance": In(1),
                "h": Out(block),
                "s": Out(block),
                "has_work": Out(1),
                "finished": Out(1, init=1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        first_group, last_group, draining = Signal(), Signal(), Signal()
        groups_left = Signal(range(self.blocks))
        group_bits = self.interleave.bit_length() - 1
        groups = self.blocks_minus_1[group_bits:][: len(groups_left)]
        last_place = self.blocks_minus_1[:group_bits]
        padding = Mux(self.deferred, draining, last_group) & (self.place > last_place)
        m.d.comb += self.has_work.eq(Mux(self.deferred, ~first_group, ~draining) & ~padding)

        positions = []
        for block, base in ((self.h, self.h_block), (self.s, self.s_block)):
            now, before = Signal.like(block), Signal.like(block)
            m.d.sync += block.eq(Mux(self.deferred, before, now) + self.place)
            positions.append((now, before, base))
        with m.If(self.advance):
            with m.If(self.last):
                for now, before, _ in positions:
                    m.d.sync += [before.eq(now), now.eq(now + self.interleave)]
                m.d.sync += [
                    first_group.eq(0),
                    groups_left.eq(groups_left - 1),
                    last_group.eq(groups_left == 1),
                    draining.eq(last_group),
                    self.finished.eq(last_group & ~self.drains),
                ]
            with m.If(self.closes & draining):
                m.d.sync += self.finished.eq(1)
        with m.If(self.prepare):
            m.d.sync += [now.eq(base) for now, _, base in positions]
            m.d.sync += [
                groups_left.eq(groups),
                last_group.eq(groups == 0),
                first_group.eq(1),
                draining.eq(0),
            ]
        with m.If(self.start):
            m.d.sync += self.finished.eq(self.skip)
        return m
