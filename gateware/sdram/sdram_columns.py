"""A column memory in SDRAM: controller and fetcher."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .column_fetcher import FETCHED, FETCHED_WORD, ColumnFetcher, column_request
from .sdram_controller import SdramController
from .sdram_ports import BURST, row_piece, sdram_pins, waits


class SdramColumns(wiring.Component):
    """Columns in list order in, their words out; words written between columns.

    Parameters
    ----------
    chip : thresh.layout.sdram_chip.SdramChip
    clock_hz : float
    depth : int
        Words that wait at most.
    pad_delay : int
        As the `SdramController`'s.

    Members
    -------
    i : In(stream of `column_request`)
    o : Out(stream of `FETCHED_WORD`)
    load : In(stream of a burst's 128 bits), load_address : In
        Written to the burst of this address. What is read after it has been taken is new.
    ready : Out(1)
    pins : Out(`sdram_pins`)
    """

    def __init__(self, *, chip, clock_hz, depth=FETCHED, pad_delay=0):
        waits(chip, clock_hz)
        self.chip = chip
        self.clock_hz = clock_hz
        self.depth = depth
        self.pad_delay = pad_delay
        super().__init__(
            {
                "i": In(stream.Signature(column_request(chip))),
                "o": Out(stream.Signature(FETCHED_WORD)),
                "load": In(stream.Signature(16 * BURST)),
                "load_address": In(chip.address_bits - 3),
                "ready": Out(1),
                "pins": Out(sdram_pins(chip)),
            }
        )

    @staticmethod
    def memories():
        """Of the words that wait."""
        return ColumnFetcher.memories()

    def elaborate(self, platform):
        m = Module()
        m.submodules.fetcher = fetcher = ColumnFetcher(chip=self.chip, depth=self.depth)
        m.submodules.controller = controller = SdramController(
            chip=self.chip, clock_hz=self.clock_hz, pad_delay=self.pad_delay
        )
        wiring.connect(m, wiring.flipped(self.i), fetcher.i)
        wiring.connect(m, fetcher.o, wiring.flipped(self.o))
        wiring.connect(m, controller.pins, wiring.flipped(self.pins))
        wiring.connect(m, controller.words, fetcher.words)
        m.d.comb += self.ready.eq(controller.ready)

        # One burst at a time is written, from a register that its words leave a cycle after they
        # were taken.
        burst, offered, writes, taken = Signal(16 * BURST), Signal(), Signal(), Signal()
        written = Signal(range(BURST))
        piece = Signal(row_piece(self.chip))
        m.d.comb += [
            self.load.ready.eq(~writes),
            controller.write_data.eq(Mux(taken, burst[16:32], burst[:16])),
        ]
        m.d.sync += taken.eq(controller.write_take)
        with m.If(self.load.valid & self.load.ready):
            m.d.sync += [
                burst.eq(self.load.payload),
                writes.eq(1),
                offered.eq(1),
                Cat(piece.column, piece.bank, piece.row).eq(self.load_address),
                piece.bursts.eq(1),
                piece.write.eq(1),
            ]
        with m.If(taken):
            m.d.sync += [burst.eq(burst >> 16), written.eq(written + 1)]
            with m.If(written == BURST - 1):
                m.d.sync += writes.eq(0)
        m.d.comb += [
            controller.i.valid.eq(offered | fetcher.rows.valid),
            controller.i.payload.eq(Mux(offered, piece, fetcher.rows.payload)),
            fetcher.rows.ready.eq(controller.i.ready & ~offered),
        ]
        with m.If(offered & controller.i.ready):
            m.d.sync += offered.eq(0)
        return m
