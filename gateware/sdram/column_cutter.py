"""Column cutter: columns cut where the rows of an SDRAM end."""

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from .sdram_ports import row_piece


def column_request(chip):
    """A column: its first burst's address and how many bursts it has."""
    bits = chip.address_bits - 3
    return data.StructLayout({"address": bits, "bursts": chip.column_bits})


class ColumnCutter(wiring.Component):
    """A column as pieces of rows, one every two cycles.

    Parameters
    ----------
    chip : thresh.layout.sdram_chip.SdramChip

    Members
    -------
    i : In(stream of `column_request`)
        ``bursts`` is at least 1.
    o : Out(stream of `row_piece`)
        The column's last piece is ``last``.
    """

    def __init__(self, *, chip):
        self.chip = chip
        super().__init__(
            {
                "i": In(stream.Signature(column_request(chip))),
                "o": Out(stream.Signature(row_piece(chip))),
            }
        )

    def elaborate(self, platform):
        m = Module()
        inside, piece = self.chip.column_bits - 3, self.o.p
        address, left = Signal.like(self.i.p.address), Signal.like(self.i.p.bursts)
        to_end, rest = Signal(inside + 1), Signal.like(left)
        m.d.comb += [
            to_end.eq((1 << inside) - address[:inside]),
            rest.eq(left - piece.bursts),
        ]
        with m.FSM():
            with m.State("IDLE"):
                m.d.comb += self.i.ready.eq(1)
                m.d.sync += [address.eq(self.i.p.address), left.eq(self.i.p.bursts)]
                with m.If(self.i.valid):
                    m.next = "CUT"
            with m.State("CUT"):
                fits = left <= to_end
                m.d.sync += [
                    piece.bursts.eq(Mux(fits, left, to_end)),
                    piece.last.eq(fits),
                    Cat(piece.column, piece.bank, piece.row).eq(address),
                    self.o.valid.eq(1),
                ]
                m.next = "OFFER"
            with m.State("OFFER"):
                with m.If(self.o.ready):
                    m.d.sync += [
                        self.o.valid.eq(0),
                        address.eq(Cat(C(0, inside), address[inside:] + 1)),
                        left.eq(rest),
                    ]
                    m.next = "CUT"
                    with m.If(piece.last):
                        m.next = "IDLE"
        return m
