"""Column fetcher: columns of weights in list order, fetched ahead of the lanes."""

from amaranth import *
from amaranth.lib import data, fifo, stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.memory_shape import queue_memory
from thresh.gateware.lib.stream_register import StreamRegister

from .column_cutter import ColumnCutter, column_request
from .sdram_ports import BURST, READ_WORDS, row_piece

ROOM = 2 * BURST
"""Least words the queue holds."""


FETCHED = 512
"""Words that may wait."""

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
    rows : Out(stream of `row_piece`), words : In(`READ_WORDS`)
        To and from the `SdramController`.
    """

    def __init__(self, *, chip, depth=FETCHED):
        if depth < ROOM:
            raise ValueError(f"depth must be at least {ROOM} words, not {depth!r}")
        self.chip = chip
        self.depth = depth
        super().__init__(
            {
                "i": In(stream.Signature(column_request(chip))),
                "o": Out(stream.Signature(FETCHED_WORD)),
                "rows": Out(stream.Signature(row_piece(chip))),
                "words": In(READ_WORDS),
            }
        )

    @staticmethod
    def memories(depth=FETCHED):
        """Of the words that wait."""
        return [queue_memory(bits=FETCHED_WORD.size, depth=depth + 1)]

    def elaborate(self, platform):
        m = Module()
        m.submodules.cutter = cutter = ColumnCutter(chip=self.chip)
        wiring.connect(m, wiring.flipped(self.i), cutter.i)
        wiring.connect(m, cutter.o, wiring.flipped(self.rows))

        # The output is one place more, so that the counters of the others wrap by themselves.
        m.submodules.queue = queue = fifo.SyncFIFOBuffered(
            width=FETCHED_WORD.size, depth=self.depth + 1
        )
        m.submodules.out = out = StreamRegister(FETCHED_WORD)
        m.d.comb += [
            queue.w_data.eq(Cat(self.words.word, self.words.last)),
            queue.w_en.eq(self.words.valid),
            out.i.payload.eq(queue.r_data),
            out.i.valid.eq(queue.r_rdy),
            queue.r_en.eq(out.i.ready),
        ]
        wiring.connect(m, out.o, wiring.flipped(self.o))
        # What has been asked for and not yet taken has a place in the queue.
        reserved, taken = Signal(range(self.depth + 1)), Signal()
        m.d.sync += [
            taken.eq(queue.r_rdy & queue.r_en),
            reserved.eq(reserved + Mux(self.words.begun, BURST, 0) - taken),
            self.words.room.eq(reserved <= self.depth - BURST),
        ]
        return m
