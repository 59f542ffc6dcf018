"""SDRAM controller: rows streamed word after word, the next row opened meanwhile."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.delayed import delayed
from thresh.layout.sdram_chip import SdramCommand

from .sdram_banks import SdramBanks
from .sdram_ports import BURST, row_piece, sdram_pins, waits
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
    room : In(1), begun : Out(1)
        Another burst of words can be taken; one has been begun.
    word : Out(16), valid : Out(1), last : Out(1)
        Words read, in order; ``last`` with the last one of a piece marked so.
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
                "room": In(1),
                "begun": Out(1),
                "word": Out(16),
                "valid": Out(1),
                "last": Out(1),
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
        read, write, finishes = Signal(), Signal(), Signal()

        # Two pieces: the one whose words stream, and the one that is opened meanwhile.
        now, then = Signal(row_piece(self.chip)), Signal(row_piece(self.chip))
        now_valid, then_valid, then_known, moves, final = (Signal() for _ in range(5))
        m.d.comb += [
            finishes.eq((read | write) & final),
            moves.eq(then_valid & (~now_valid | finishes)),
            self.i.ready.eq(~then_valid),
        ]
        m.d.sync += then_known.eq(then_valid & ~moves)
        with m.If(read | write):
            m.d.sync += [
                now.column.eq(now.column + 1),
                now.bursts.eq(now.bursts - 1),
                final.eq(now.bursts == 2),
            ]
        with m.If(finishes):
            m.d.sync += now_valid.eq(0)
        with m.If(moves):
            m.d.sync += [
                now.eq(then),
                final.eq(then.bursts == 1),
                now_valid.eq(1),
                then_valid.eq(0),
            ]
        with m.If(self.i.valid & self.i.ready):
            m.d.sync += [then.eq(self.i.payload), then_valid.eq(1)]

        # One command per cycle: words first, then the present piece's row, then the next one's. A
        # next piece in the bank that is in use must wait.
        here, there = banks.state_0, banks.state_1
        read_due, write_due = self._turns(m, read, write)
        cool, ahead, able, activate, precharge = (Signal() for _ in range(5))
        target = Signal.like(now)
        m.d.comb += [
            target.eq(Mux(here.hit, then, now)),
            able.eq(upkeep.lends & now_valid & here.hit & here.may_read),
            read.eq(able & ~now.write & read_due & self.room),
            write.eq(able & now.write & write_due),
            ahead.eq(then_known & here.hit & (then.bank != now.bank)),
            activate.eq(
                (upkeep.lends & cool & ~read & ~write)
                & (
                    (now_valid & ~here.hit & ~here.miss & here.may_open)
                    | (ahead & ~there.hit & ~there.miss & there.may_open)
                )
            ),
            precharge.eq(
                (upkeep.lends & cool & ~read & ~write)
                & (
                    (now_valid & here.miss & here.may_close)
                    | (ahead & there.miss & there.may_close)
                )
            ),
        ]
        m.d.sync += cool.eq(~(read | write | activate | precharge))
        m.d.comb += [
            Cat(banks.bank_0, banks.row_0).eq(Cat(now.bank, now.row)),
            Cat(banks.bank_1, banks.row_1).eq(Cat(then.bank, then.row)),
            banks.moves.eq(moves),
            banks.read.eq(read),
            banks.write.eq(write),
            banks.activate.eq(activate),
            banks.precharge.eq(precharge),
            banks.bank.eq(Mux(read | write, now.bank, target.bank)),
            banks.row.eq(target.row),
            banks.close_all.eq(upkeep.close_all),
            upkeep.quiet.eq(banks.rested & cool),
            self.ready.eq(upkeep.ready),
            self.begun.eq(read),
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
                pins.command.eq(Mux(now.write, SdramCommand.WRITE, SdramCommand.READ)),
                pins.address.eq(now.column << 3),
            ]
        with m.Elif(activate):
            m.d.sync += [pins.command.eq(SdramCommand.ACTIVATE), pins.address.eq(target.row)]
        with m.Elif(precharge):
            m.d.sync += [pins.command.eq(SdramCommand.PRECHARGE), pins.address.eq(0)]
        self._words(m, read, write, now.last & final)
        return m

    def _turns(self, m, read, write):
        """Whether the last burst leaves the bus to a READ and to a WRITE now."""
        turn = BURST + self.chip.cas_latency + self.pad_delay + 1
        due = []
        for name, after_read in (("read", BURST), ("write", turn)):
            left, now = Signal(range(turn), name=f"{name}_in"), Signal(name=f"{name}_due", init=1)
            m.d.sync += [left.eq(Mux(left == 0, 0, left - 1)), now.eq(left <= 1)]
            with m.If(read):
                m.d.sync += [left.eq(after_read - 1), now.eq(0)]
            with m.If(write):
                m.d.sync += [left.eq(BURST - 1), now.eq(0)]
            due.append(now)
        return due

    def _words(self, m, read, write, ends):
        """Words follow their commands at a distance."""
        pins = self.pins
        reading, writing, closing = Signal(range(BURST + 1)), Signal(range(BURST)), Signal()
        with m.If(read):
            m.d.sync += [reading.eq(BURST), closing.eq(ends)]
        with m.Elif(reading != 0):
            m.d.sync += reading.eq(reading - 1)
        with m.If(write):
            m.d.sync += writing.eq(BURST - 1)
        with m.Elif(writing != 0):
            m.d.sync += writing.eq(writing - 1)
        late = self.chip.cas_latency + self.pad_delay + 1
        m.d.comb += [
            self.valid.eq(delayed(m, reading != 0, late, "valid")[-1]),
            self.last.eq(delayed(m, closing & (reading == 1), late, "last")[-1]),
            self.write_take.eq(write | (writing != 0)),
        ]
        m.d.sync += [
            self.word.eq(pins.dq_i),
            pins.dq_o.eq(self.write_data),
            pins.dq_oe.eq(self.write_take),
        ]
