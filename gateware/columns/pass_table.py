"""Pass table: which lists each pass of each cell replays."""

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from thresh.model.cells import CELLS

PASS = data.StructLayout({"hidden": 1, "inputs": 1, "last": 1})
"""One pass: the lists it replays, and whether it is a block's last."""


class PassTable(wiring.Component):
    """`thresh.model.cells.Cell.passes` of every cell, looked up in one cycle.

    A cell that is none has one pass, as its program has in the `ProgramMemory`.

    Members
    -------
    code : In(4), number : In(2)
        A cell's code and the number of a pass.
    o : Out(`PASS`)
        One cycle later.
    """

    def __init__(self):
        super().__init__({"code": In(4), "number": In(2), "o": Out(PASS)})

    def elaborate(self, platform):
        m = Module()
        m.d.sync += self.o.eq(PASS.const({"hidden": 1, "inputs": 1, "last": 1}))
        with m.Switch(Cat(self.number, self.code)):
            for cell in CELLS.values():
                # The walker waits for the input list in the first pass.
                assert cell.passes[0].inputs
                for number, pass_ in enumerate(cell.passes):
                    last = number == len(cell.passes) - 1
                    lists = {"hidden": pass_.hidden, "inputs": pass_.inputs, "last": last}
                    with m.Case(cell.code << 2 | number):
                        m.d.sync += self.o.eq(PASS.const(lists))
        return m
