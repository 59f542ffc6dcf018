"""Column base: where in the column memory the slices of a pass lie."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .pass_table import PASS


class ColumnBase(wiring.Component):
    """Passes of a layer lie one after another, each with a word per column it multiplies.

    Parameters
    ----------
    depth : int
        Events in one bank of the nonzero queue.
    weight_depth : int
        Words of the column memory.

    Members
    -------
    restart : In(1), weight_base, hidden, stride : In(16)
        A layer begins: its first word, its hidden columns, and all its columns.
    now : In(`PASS`), advance : In(1)
        The pass under way, and its end.
    in_x : In(1)
        The event is of the input list, whose columns lie behind the hidden ones.
    base : Out(range(weight_depth))
        Address of column 0 of the event, one cycle later.
    """

    def __init__(self, *, depth, weight_depth):
        self.depth = depth
        super().__init__(
            {
                "restart": In(1),
                "weight_base": In(16),
                "hidden": In(16),
                "stride": In(16),
                "now": In(PASS),
                "advance": In(1),
                "in_x": In(1),
                "base": Out(range(weight_depth)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        first, inputs = Signal.like(self.base), Signal(range(self.depth + 1))
        hidden, stride = self.hidden[: len(inputs)], self.stride[: len(inputs) + 1]
        columns = Signal(len(stride))
        m.d.sync += [
            columns.eq(Mux(self.now.hidden, Mux(self.now.inputs, stride, hidden), inputs)),
            self.base.eq(first + Mux(self.in_x & self.now.hidden, hidden, 0)),
        ]
        with m.If(self.advance):
            m.d.sync += first.eq(first + columns)
        with m.If(self.restart):
            m.d.sync += [first.eq(self.weight_base), inputs.eq(stride - hidden)]
        return m
