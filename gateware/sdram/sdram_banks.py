"""What is open in an SDRAM, and what its banks may be told."""

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from .sdram_ports import BURST

BANK_STATE = data.StructLayout({"hit": 1, "miss": 1, "may_read": 1, "may_close": 1, "may_open": 1})
"""The row asked for is open, another row of its bank is; what the bank's times allow."""

QUESTIONS = 2


class SdramBanks(wiring.Component):
    """Open rows and running times of all banks.

    An answer holds what was so a cycle ago: a command of the last cycle is not in it. Times are
    kept so that a command at an answer's first permission comes exactly in time.

    Parameters
    ----------
    chip : thresh.layout.sdram_chip.SdramChip
    wait : dict
        From `thresh.gateware.sdram.sdram_ports.waits`.

    Members
    -------
    activate, precharge, read, write : In(1), bank, row : In
        The command given now; ``row`` for ``activate``.
    close_all : In(1)
        Every bank is closed.
    bank_0, row_0, bank_1, row_1 : In; state_0, state_1 : Out(`BANK_STATE`)
        Questions, and their answers one cycle later.
    moves : In(1)
        Both answers are question 1's.
    rested : Out(1)
        Every bank may be closed.
    """

    def __init__(self, *, chip, wait):
        self.chip = chip
        self.wait = wait
        questions = {}
        for number in range(QUESTIONS):
            questions |= {
                f"bank_{number}": In(chip.bank_bits),
                f"row_{number}": In(chip.row_bits),
                f"state_{number}": Out(BANK_STATE),
            }
        super().__init__(
            {
                "activate": In(1),
                "precharge": In(1),
                "read": In(1),
                "write": In(1),
                "bank": In(chip.bank_bits),
                "row": In(chip.row_bits),
                "close_all": In(1),
                "moves": In(1),
                "rested": Out(1),
                **questions,
            }
        )

    def elaborate(self, platform):
        m = Module()
        wait, banks = self.wait, range(1 << self.chip.bank_bits)
        opened = Signal(len(banks))
        rows, reads_in, closes_in, opens_in = [], [], [], []
        for bank in banks:
            rows.append(Signal(self.chip.row_bits, name=f"row_of_{bank}"))
            timers = [
                Signal(range(BURST + max(wait["write_recovery"], wait["precharge"])), name=name)
                for name in (f"reads_in_{bank}", f"closes_in_{bank}", f"opens_in_{bank}")
            ]
            for timer in timers:
                with m.If(timer != 0):
                    m.d.sync += timer.eq(timer - 1)
            for kind, timer in zip((reads_in, closes_in, opens_in), timers, strict=True):
                kind.append(timer)

            # Two cycles less than the time: one until the answer, one until the next command.
            with m.If(self.bank == bank):
                with m.If(self.activate):
                    m.d.sync += [
                        opened[bank].eq(1),
                        rows[bank].eq(self.row),
                        timers[0].eq(wait["row_to_column"] - 2),
                        timers[1].eq(wait["row_active"] - 2),
                    ]
                with m.If(self.precharge):
                    m.d.sync += [opened[bank].eq(0), timers[2].eq(wait["precharge"] - 2)]
                with m.If(self.read):
                    m.d.sync += timers[1].eq(BURST - 2)
                with m.If(self.write):
                    m.d.sync += timers[1].eq(BURST - 1 + wait["write_recovery"] - 2)
        with m.If(self.close_all):
            m.d.sync += opened.eq(0)

        found = []
        for number in range(QUESTIONS):
            bank, row = getattr(self, f"bank_{number}"), getattr(self, f"row_{number}")
            state = Signal(BANK_STATE, name=f"found_{number}")
            here, same = opened.bit_select(bank, 1), Array(rows)[bank] == row
            m.d.comb += [
                state.hit.eq(here & same),
                state.miss.eq(here & ~same),
                state.may_read.eq(Array(reads_in)[bank] == 0),
                state.may_close.eq(Array(closes_in)[bank] == 0),
                state.may_open.eq(Array(opens_in)[bank] == 0),
            ]
            found.append(state)
        m.d.sync += [
            self.state_0.eq(Mux(self.moves, found[1], found[0])),
            self.state_1.eq(found[1]),
        ]
        m.d.sync += self.rested.eq(~Cat(timer.any() for timer in closes_in).any())
        return m
