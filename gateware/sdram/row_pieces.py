"""Row pieces: the one whose words stream, and the one behind it."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .sdram_ports import row_piece


class RowPieces(wiring.Component):
    """Takes pieces of rows in order, and counts down the bursts of the present one.

    Parameters
    ----------
    chip : thresh.layout.sdram_chip.SdramChip

    Members
    -------
    i : In(stream of `row_piece`)
    access : In(1)
        A burst of the present piece is begun.
    now, behind : Out(`row_piece`)
        The present piece, with what is left of it, and the next one.
    now_valid, behind_valid : Out(1)
        There is one; the next one has been there for a cycle.
    final : Out(1)
        The present piece's next burst is its last.
    advance : Out(1)
        The next piece becomes the present one.
    """

    def __init__(self, *, chip):
        piece = row_piece(chip)
        super().__init__(
            {
                "i": In(stream.Signature(piece)),
                "access": In(1),
                "now": Out(piece),
                "behind": Out(piece),
                "now_valid": Out(1),
                "behind_valid": Out(1),
                "final": Out(1),
                "advance": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        now, behind = self.now, self.behind
        occupied, finishes = Signal(), Signal()
        m.d.comb += [
            finishes.eq(self.access & self.final),
            self.advance.eq(occupied & (~self.now_valid | finishes)),
            self.i.ready.eq(~occupied),
        ]
        m.d.sync += self.behind_valid.eq(occupied & ~self.advance)
        with m.If(self.access):
            m.d.sync += [
                now.column.eq(now.column + 1),
                now.bursts.eq(now.bursts - 1),
                self.final.eq(now.bursts == 2),
            ]
        with m.If(finishes):
            m.d.sync += self.now_valid.eq(0)
        with m.If(self.advance):
            m.d.sync += [
                now.eq(behind),
                self.final.eq(behind.bursts == 1),
                self.now_valid.eq(1),
                occupied.eq(0),
            ]
        with m.If(self.i.valid & self.i.ready):
            m.d.sync += [behind.eq(self.i.payload), occupied.eq(1)]
        return m
