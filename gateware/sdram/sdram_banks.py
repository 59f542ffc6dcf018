"""What is open in an SDRAM, and what its banks may be told."""

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from .sdram_ports import BURST

BANK_STATE = data.StructLayout({"hit": 1, "miss": 1, "may_read": 1, "may_close": 1, "may_open": 1})
"""The row asked for is open, another row of its bank is; what the bank's times allow."""

TIMERS = ("read", "close", "open")
"""What a bank's times forbid while they run."""


def bank_query(chip):
    """Signature of a question: a bank and a row; one cycle later the state of the bank."""
    return wiring.Signature(
        {"bank": Out(chip.bank_bits), "row": Out(chip.row_bits), "state": In(BANK_STATE)}
    )


class SdramBanks(wiring.Component):
    """Open rows and running times of all banks.

    An answer says what was so a cycle ago: a command of the last cycle is not in it. Times are
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
    now, behind : In(`bank_query`)
        Of the present piece and of the next one.
    advance : In(1)
        The next piece becomes the present one: both answers are the next one's.
    may_close_all : Out(1)
        Every bank may be closed.
    """

    def __init__(self, *, chip, wait):
        self.chip = chip
        self.wait = wait
        super().__init__(
            {
                "activate": In(1),
                "precharge": In(1),
                "read": In(1),
                "write": In(1),
                "bank": In(chip.bank_bits),
                "row": In(chip.row_bits),
                "close_all": In(1),
                "now": In(bank_query(chip)),
                "behind": In(bank_query(chip)),
                "advance": In(1),
                "may_close_all": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        banks = range(1 << self.chip.bank_bits)
        opened = Signal(len(banks))
        rows, timers = [], []
        for bank in banks:
            rows.append(Signal(self.chip.row_bits, name=f"row_of_{bank}"))
            timers.append(self._timers(m, bank))
            with m.If(self.bank == bank):
                self._follow(m, opened[bank], rows[bank], timers[bank])
        with m.If(self.close_all):
            m.d.sync += opened.eq(0)

        now, behind = (
            self._state(m, query, opened, rows, timers, name)
            for name, query in (("now", self.now), ("behind", self.behind))
        )
        m.d.sync += [
            self.now.state.eq(Mux(self.advance, behind, now)),
            self.behind.state.eq(behind),
            self.may_close_all.eq(~Cat(timer["close"].any() for timer in timers).any()),
        ]
        return m

    def _timers(self, m, bank):
        """Cycles until each of `TIMERS` is allowed."""
        longest = BURST + max(self.wait["write_recovery"], self.wait["precharge"])
        timers = {name: Signal(range(longest), name=f"{name}_in_{bank}") for name in TIMERS}
        for timer in timers.values():
            with m.If(timer != 0):
                m.d.sync += timer.eq(timer - 1)
        return timers

    def _follow(self, m, opened, row, timers):
        """What the command given now does to its bank.

        Two cycles less than each time: one until the answer, one until the next command.
        """
        wait = self.wait
        with m.If(self.activate):
            m.d.sync += [
                opened.eq(1),
                row.eq(self.row),
                timers["read"].eq(wait["row_to_column"] - 2),
                timers["close"].eq(wait["row_active"] - 2),
            ]
        with m.If(self.precharge):
            m.d.sync += [opened.eq(0), timers["open"].eq(wait["precharge"] - 2)]
        with m.If(self.read):
            m.d.sync += timers["close"].eq(BURST - 2)
        with m.If(self.write):
            m.d.sync += timers["close"].eq(BURST - 1 + wait["write_recovery"] - 2)

    def _state(self, m, query, opened, rows, timers, name):
        """What is so of the bank and the row asked for; looked at in every bank, then chosen."""
        state = Signal(BANK_STATE, name=f"{name}_found")
        same = Cat(row == query.row for row in rows)
        of = {kind: Cat(timer[kind] == 0 for timer in timers) for kind in TIMERS}
        m.d.comb += [
            state.hit.eq((opened & same).bit_select(query.bank, 1)),
            state.miss.eq((opened & ~same).bit_select(query.bank, 1)),
            state.may_read.eq(of["read"].bit_select(query.bank, 1)),
            state.may_close.eq(of["close"].bit_select(query.bank, 1)),
            state.may_open.eq(of["open"].bit_select(query.bank, 1)),
        ]
        return state
