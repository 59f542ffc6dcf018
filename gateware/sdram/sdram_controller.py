"""SDRAM controller: rows streamed word after word, the next row opened meanwhile."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.sdram_chip import SdramCommand

from .burst_words import BurstWords
from .bus_turnaround import BusTurnaround
from .row_pieces import RowPieces
from .sdram_banks import SdramBanks
from .sdram_ports import READ_WORDS, row_piece, sdram_pins, waits
from .sdram_upkeep import SdramUpkeep


class SdramController(wiring.Component):
    """Pieces of rows in, their words out; initialisation and refresh by itself.

    One word per cycle while the next piece lies in a row that is open, or in another bank: that one
    is opened behind the present piece. A piece in another row of the same bank costs tRP + tRCD, a
    refresh tRP + tRFC + tRCD, every tREFI. A piece that waits is not overtaken.

    Parameters
    ----------
    chip : thresh.layout.sdram_chip.SdramChip
    clock_hz : float
        Of this component and of the chip.
    pad_delay : int
        Registers between these pins and the chip's, both ways together, in cycles.

    Members
    -------
    i : In(stream of `row_piece`)
    words : Out(`READ_WORDS`)
    write_data : In(16), write_take : Out(1)
        The word to write now; it is taken, and the next one follows in the next cycle.
    ready : Out(1)
        The chip has been initialised.
    pins : Out(`sdram_pins`)
    """

    def __init__(self, *, chip, clock_hz, pad_delay=0):
        self.chip = chip
        self.clock_hz = clock_hz
        self.pad_delay = pad_delay
        self.wait = waits(chip, clock_hz)
        super().__init__(
            {
                "i": In(stream.Signature(row_piece(chip))),
                "words": Out(READ_WORDS),
                "write_data": In(16),
                "write_take": Out(1),
                "ready": Out(1),
                "pins": Out(sdram_pins(chip)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.upkeep = upkeep = SdramUpkeep(chip=self.chip, wait=self.wait)
        m.submodules.banks = banks = SdramBanks(chip=self.chip, wait=self.wait)
        m.submodules.pieces = pieces = RowPieces(chip=self.chip)
        wiring.connect(m, wiring.flipped(self.i), pieces.i)
        read, write, activate, precharge = self._commands(m, upkeep, banks, pieces)
        self._data(m, read, write, pieces)
        target = Signal.like(pieces.now)
        m.d.comb += [
            target.eq(Mux(banks.now.state.hit, pieces.behind, pieces.now)),
            pieces.access.eq(read | write),
            Cat(banks.now.bank, banks.now.row).eq(Cat(pieces.now.bank, pieces.now.row)),
            Cat(banks.behind.bank, banks.behind.row).eq(Cat(pieces.behind.bank, pieces.behind.row)),
            banks.advance.eq(pieces.advance),
            banks.read.eq(read),
            banks.write.eq(write),
            banks.activate.eq(activate),
            banks.precharge.eq(precharge),
            banks.bank.eq(Mux(read | write, pieces.now.bank, target.bank)),
            banks.row.eq(target.row),
            banks.close_all.eq(upkeep.close_all),
            self.ready.eq(upkeep.ready),
            self.words.begun.eq(read),
        ]

        pins = self.pins
        m.d.sync += [
            pins.command.eq(upkeep.command),
            pins.address.eq(upkeep.address),
            pins.bank.eq(banks.bank),
            pins.mask.eq(Mux(upkeep.ready, 0, 3)),
        ]
        with m.If(read | write):
            m.d.sync += [
                pins.command.eq(Mux(pieces.now.write, SdramCommand.WRITE, SdramCommand.READ)),
                pins.address.eq(pieces.now.column << 3),
            ]
        with m.Elif(activate):
            m.d.sync += [pins.command.eq(SdramCommand.ACTIVATE), pins.address.eq(target.row)]
        with m.Elif(precharge):
            m.d.sync += [pins.command.eq(SdramCommand.PRECHARGE), pins.address.eq(0)]
        return m

    def _commands(self, m, upkeep, banks, pieces):
        """One command per cycle: words first, then the present piece's row, then the next one's.

        A next piece in the bank that is in use must wait.
        """
        m.submodules.bus = bus = BusTurnaround(chip=self.chip, pad_delay=self.pad_delay)
        now, behind = banks.now.state, banks.behind.state
        read, write, activate, precharge = (
            Signal(name=name) for name in ("read", "write", "activate", "precharge")
        )
        quiet, ahead, streams, free = (
            Signal(name=name) for name in ("quiet", "ahead", "streams", "free")
        )
        m.d.comb += [
            streams.eq(upkeep.idle & pieces.now_valid & now.hit & now.may_read),
            read.eq(streams & ~pieces.now.write & bus.may_read & self.words.room),
            write.eq(streams & pieces.now.write & bus.may_write),
            ahead.eq(pieces.behind_valid & now.hit & (pieces.behind.bank != pieces.now.bank)),
            free.eq(upkeep.idle & quiet & ~read & ~write),
            activate.eq(
                free
                & (
                    (pieces.now_valid & ~now.hit & ~now.miss & now.may_open)
                    | (ahead & ~behind.hit & ~behind.miss & behind.may_open)
                )
            ),
            precharge.eq(
                free
                & (
                    (pieces.now_valid & now.miss & now.may_close)
                    | (ahead & behind.miss & behind.may_close)
                )
            ),
            bus.read.eq(read),
            bus.write.eq(write),
            upkeep.quiet.eq(banks.may_close_all & quiet),
        ]
        # What the banks answer does not know of a command of the last cycle.
        m.d.sync += quiet.eq(~(read | write | activate | precharge))
        return read, write, activate, precharge

    def _data(self, m, read, write, pieces):
        """Words follow their commands at a distance."""
        m.submodules.words = words = BurstWords(chip=self.chip, pad_delay=self.pad_delay)
        pins = self.pins
        m.d.comb += [
            words.read.eq(read),
            words.write.eq(write),
            words.ends.eq(pieces.now.last & pieces.final),
            words.write_data.eq(self.write_data),
            words.dq_i.eq(pins.dq_i),
            pins.dq_o.eq(words.dq_o),
            pins.dq_oe.eq(words.dq_oe),
            self.words.word.eq(words.word),
            self.words.valid.eq(words.valid),
            self.words.last.eq(words.last),
            self.write_take.eq(words.write_take),
        ]
