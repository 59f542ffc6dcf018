"""Column fetcher: columns of weights in list order, fetched ahead of the lanes."""

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.registered_queue import RegisteredQueue

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
        Words that the queue holds, a power of two.

    Members
    -------
    i : In(stream of `column_request`)
        ``bursts`` is at least 1.
    o : Out(stream of `FETCHED_WORD`)
    rows : Out(stream of `row_piece`), words : In(`READ_WORDS`)
        To and from the `SdramController`.
    """

    def __init__(self, *, chip, depth=FETCHED):
        if depth < ROOM or depth & (depth - 1):
            raise ValueError(f"depth must be a power of two from {ROOM} words on, not {depth!r}")
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
        return RegisteredQueue.memories(FETCHED_WORD, depth=depth)

    def elaborate(self, platform):
        m = Module()
        m.submodules.cutter = cutter = ColumnCutter(chip=self.chip)
        wiring.connect(m, wiring.flipped(self.i), cutter.i)
        wiring.connect(m, cutter.o, wiring.flipped(self.rows))

        m.submodules.queue = queue = RegisteredQueue(FETCHED_WORD, depth=self.depth)
        m.d.comb += [
            queue.i.valid.eq(self.words.valid),
            queue.i.p.word.eq(self.words.word),
            queue.i.p.last.eq(self.words.last),
        ]
        wiring.connect(m, queue.o, wiring.flipped(self.o))
        # What has been asked for has a place in the queue until it is offered. A burst takes longer
        # than it takes here to be known.
        reserved, begun = Signal(range(self.depth + 1)), Signal()
        offered, waits = Signal(), Signal()
        m.d.comb += offered.eq(queue.o.valid & ~waits)
        m.d.sync += [
            waits.eq(queue.o.valid & ~queue.o.ready),
            begun.eq(self.words.begun),
            reserved.eq(reserved + Mux(begun, BURST, 0) - offered),
            self.words.room.eq(reserved <= self.depth - BURST),
        ]
        return m
