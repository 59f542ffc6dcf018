"""Column fetcher: columns of weights in list order, fetched ahead of the lanes."""

from amaranth import *
from amaranth.lib import data, fifo, stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.stream_register import StreamRegister

from .sdram_ports import BURST, row_piece

ROOM = 2 * BURST
"""Least words the queue holds."""


def column_request(chip):
    """A column: its first burst's address and how many bursts it has."""
    bits = chip.address_bits - 3
    return data.StructLayout({"address": bits, "bursts": chip.column_bits})


FETCHED_WORD = data.StructLayout({"word": 16, "last": 1})
"""A word of a column, and whether it is the column's last."""


class ColumnFetcher(wiring.Component):
    """Columns in, their words out, one word per cycle for as long as columns are pending.

    Columns follow one another without a gap, whatever their rows: while one streams, the next one's
    row is opened. Words that are not taken at once wait in a queue, and nothing is fetched that has
    no place there.

    Parameters
    ----------
    chip : thresh.layout.sdram_chip.SdramChip
    depth : int
        Words that the queue holds.

    Members
    -------
    i : In(stream of `column_request`)
        ``bursts`` is at least 1.
    o : Out(stream of `FETCHED_WORD`)
    rows : Out(stream of `row_piece`), room : Out(1), begun, word, valid, last : In
        The `SdramController`'s.
    """

    def __init__(self, *, chip, depth=512):
        if depth < ROOM:
            raise ValueError(f"depth must be at least {ROOM} words, not {depth!r}")
        self.chip = chip
        self.depth = depth
        super().__init__(
            {
                "i": In(stream.Signature(column_request(chip))),
                "o": Out(stream.Signature(FETCHED_WORD)),
                "rows": Out(stream.Signature(row_piece(chip))),
                "room": Out(1),
                "begun": In(1),
                "word": In(16),
                "valid": In(1),
                "last": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()

        # A column is cut where its row ends.
        inside = self.chip.column_bits - 3
        piece = self.rows.p
        address, left = Signal.like(self.i.p.address), Signal.like(self.i.p.bursts)
        column = address[:inside]
        to_end, rest = Signal(inside + 1), Signal.like(left)
        m.d.comb += [to_end.eq((1 << inside) - column), rest.eq(left - piece.bursts)]
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
                    self.rows.valid.eq(1),
                ]
                m.next = "OFFER"
            with m.State("OFFER"):
                with m.If(self.rows.ready):
                    m.d.sync += [
                        self.rows.valid.eq(0),
                        address.eq(Cat(C(0, inside), address[inside:] + 1)),
                        left.eq(rest),
                    ]
                    m.next = "CUT"
                    with m.If(piece.last):
                        m.next = "IDLE"

        # What has been asked for and not yet taken has a place in the queue.
        # The output is one place more, so that the counters of the others wrap by themselves.
        m.submodules.queue = queue = fifo.SyncFIFOBuffered(
            width=FETCHED_WORD.size, depth=self.depth + 1
        )
        m.submodules.out = out = StreamRegister(FETCHED_WORD)
        promised = Signal(range(self.depth + 1))
        taken = Signal()
        m.d.comb += [
            queue.w_data.eq(Cat(self.word, self.last)),
            queue.w_en.eq(self.valid),
            out.i.payload.eq(queue.r_data),
            out.i.valid.eq(queue.r_rdy),
            queue.r_en.eq(out.i.ready),
        ]
        wiring.connect(m, out.o, wiring.flipped(self.o))
        m.d.sync += taken.eq(queue.r_rdy & queue.r_en)
        m.d.sync += [
            promised.eq(promised + Mux(self.begun, BURST, 0) - taken),
            self.room.eq(promised <= self.depth - BURST),
        ]
        return m
