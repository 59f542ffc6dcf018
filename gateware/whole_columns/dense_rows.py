"""Dense rows: the rows of a dense column, word after word."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.sdram_image import list_passes
from thresh.model.cells import CELLS


class DenseRows(wiring.Component):
    """A column holds, for each block, the passes that use its list; sums lie block by block, pass
    by pass.

    Parameters
    ----------
    beats : int
        Words of a pass of a block.
    depth : int
        Rows, words of S sums.

    Members
    -------
    kind : In(4), inputs : In(1)
        The layer's cell, and whether the list is the input list.
    valid : In(1), last : In(1)
        There is a word; it is its column's last.
    row : Out(range(depth))
        Of the word.
    """

    def __init__(self, *, beats, depth):
        self.beats = beats
        super().__init__(
            {
                "kind": In(4),
                "inputs": In(1),
                "valid": In(1),
                "last": In(1),
                "row": Out(range(depth)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        element, position = Signal(range(self.beats)), Signal(2)
        pass_row = Signal(len(self.row) - len(element))
        # From one pass that uses the list to the next one, which may be the next block's first.
        step, last = Signal(range(5)), Signal()
        m.d.sync += [step.eq(0), last.eq(0)]
        with m.Switch(Cat(position, self.inputs, self.kind)):
            for code, to_next, is_last in steps():
                with m.Case(code):
                    m.d.sync += [step.eq(to_next), last.eq(is_last)]
        with m.If(self.valid):
            m.d.sync += element.eq(element + 1)
            with m.If(element == self.beats - 1):
                m.d.sync += [
                    pass_row.eq(pass_row + step),
                    position.eq(Mux(last, 0, position + 1)),
                ]
            with m.If(self.last):
                m.d.sync += [element.eq(0), position.eq(0), pass_row.eq(0)]
        m.d.comb += self.row.eq(Cat(element, pass_row))
        return m


def steps():
    """For each cell, list and pass that uses it: their code, how many passes on the next one is,
    and whether it is the block's last."""
    for cell in CELLS.values():
        for number, name in enumerate(("hidden", "inputs")):
            passes = list_passes(cell, name)
            assert passes[:1] in ([], [0])
            for place, pass_ in enumerate(passes):
                following = [*passes, len(cell.passes)][place + 1]
                code = cell.code << 3 | number << 2 | place
                yield code, following - pass_, place == len(passes) - 1
