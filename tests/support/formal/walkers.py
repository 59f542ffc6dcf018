"""Column walkers in proofs: what surrounds them, and where they are in a layer."""

from amaranth import *
from amaranth.hdl import Assert, Assume

from thresh.model.cells import CELLS
from thresh.performance.longest_step import PASSES

from .measures import chosen
from .prover import among

DEPTH, BLOCKS, LATENCY = 4, 4, 1
"""Events in a bank, blocks of a layer at most, and cycles to a word of the table."""

SPACING = 4
"""Least cycles between two marks, as `ColumnStage.mark_interval`."""

ENTER = 5
"""More than the cycles from a layer's table entry to its first event."""

FOUND = 32
"""Cycles in which a fault shows."""


def environment(m, walker):
    """A list has at most as many events as a bank; nobody writes the table; marks are spaced."""
    lists = walker.lists
    for count in (lists.count, lists.x_count, lists.h_count):
        m.d.comb += Assume(count <= DEPTH)
    marks = Signal(SPACING - 1)
    m.d.sync += marks.eq(Cat(walker.o.mark, marks))
    m.d.comb += [Assume(~walker.table.written), Assume(~marks.any() | ~walker.o.credit)]


def waits_to_begin(machine, walker, names, none):
    """It waits for a step's inputs, the layers before or the sequencer; ``none``, there are no
    hidden events."""
    token, lists = walker.layers.token, walker.lists
    comes = lists.x_complete & (walker.layers.idle | ~names.last_layer)
    return (among(machine, "BEGIN") & (token.valid | ((names.layer == 0) & ~comes))) | (
        among(machine, "CHOOSE") & (token.valid | (none & ~names.inputs.known))
    )


def passes_of(code):
    """Passes of the cell of this code, which is one where there is no cell."""
    return chosen(code, {cell.code: len(cell.passes) for cell in CELLS.values()}, 1)


def pass_of(code, number):
    """A pass as the cells say; where there is no cell, of both lists."""
    table = {
        cell.code << 2 | at: is_.hidden | is_.inputs << 1 | (at + 1 == len(cell.passes)) << 2
        for cell in CELLS.values()
        for at, is_ in enumerate(cell.passes)
    }
    return chosen(Cat(number[:2], code), table, 7)


class Order:
    """Where a layer is in its passes, by what `thresh.layout.weight_layout.walk` says.

    It is known ``inside`` the layer; ``age``, counted to 3, is how long this pass is under way.
    """

    def __init__(self, m, order):
        self.order, self.inside = order, Signal()
        self.group, self.pass_, self.second = Signal(range(BLOCKS)), Signal(2), Signal()
        self.new = Signal()
        blocks, self.passes = order.blocks_minus_1, passes_of(order.code)
        self.last_pass = self.pass_ == self.passes - 1
        single = (self.group == 0) & ~blocks[0] if order.interleave == 2 else C(1)
        self.whole = single | self.second
        self.finishes = self.last_pass & self.whole & (self.group == 0)
        self.age = Signal(range(SPACING), init=SPACING - 1)
        m.d.sync += self.age.eq(self.age + (self.age != SPACING - 1))
        with m.If(order.first):
            m.d.sync += [self.group.eq(blocks[order.interleave // 2 :]), self.pass_.eq(0)]
            m.d.sync += [self.second.eq(0), self.new.eq(1), self.age.eq(SPACING - 2)]
        with m.If(order.advance):
            m.d.sync += [self.second.eq(~self.whole), self.new.eq(0), self.age.eq(0)]
            with m.If(self.whole):
                m.d.sync += self.pass_.eq(Mux(self.last_pass, 0, self.pass_ + 1))
                with m.If(self.last_pass):
                    m.d.sync += self.group.eq(self.group - 1)

    @property
    def exactly(self):
        """Passes that are left of this layer, this one included."""
        n, interleave = self.passes, self.order.interleave
        if interleave == 1:
            return (self.group + 1) * n - self.pass_
        last_size = Mux(self.order.blocks_minus_1[0], 2, 1)
        rest = Mux(self.group == 0, 0, ((self.group - 1)[: len(self.group)] * 2 + last_size))
        return rest * n + (n - self.pass_) * Mux(self.group == 0, last_size, 2) - self.second

    @property
    def left(self):
        """Passes that follow at most, of a cell with as many as any has."""
        groups = self.group * PASSES + (PASSES - 1 - self.pass_)
        if self.order.interleave == 1:
            return groups
        return groups * 2 + ~self.second

    def agrees(self, inner, names):
        """What the `PassOrder` has in its registers is what the place says."""
        order, two = self.order, self.order.interleave == 2
        single = (self.group == 0) & ~order.blocks_minus_1[0]
        follows = Mux(self.whole, Mux(self.last_pass, 0, self.pass_ + 1), self.pass_)
        inner.d.comb += [
            Assert(names.advanced == (self.age == 0)),
            Assert(~names.group_ended | names.advanced),
            Assert((names.whole & names.follow_whole) | two),
        ]
        with inner.If(self.inside):
            inner.d.comb += [
                Assert(order.now.as_value() == pass_of(order.code, self.pass_)),
                Assert(names.whole == self.whole),
                Assert(names.number == Mux(names.advanced, self.pass_, follows)),
                Assert(names.groups_left == (self.group + names.group_ended)[: len(self.group)]),
                Assert(names.last_group == (names.groups_left == 0)),
                Assert((self.age < 3) | (order.finishes == self.finishes)),
                Assert((self.age < 3) | (order.follow.as_value() == pass_of(order.code, follows))),
                Assert(self.pass_ < self.passes),
                Assert(self.group <= order.blocks_minus_1[order.interleave // 2 :]),
                Assert(~self.new | ((self.pass_ == 0) & ~self.second)),
            ]
            if two:
                ended = Mux(names.group_ended, names.next_single, names.single)
                next_single = (self.group == 1) & ~order.blocks_minus_1[0]
                after = ~self.whole | Mux(self.last_pass, next_single, single)
                inner.d.comb += [
                    Assert(ended == single),
                    Assert((self.age < 2) | (names.next_single == next_single)),
                    Assert((self.age < 3) | (names.follow_whole == after)),
                    Assert(~(self.second & single)),
                ]
