"""An SDRAM that refuses to be driven against its timing."""

import numpy as np

from thresh.layout.sdram_chip import ALL_BANKS, SdramChip, SdramCommand

LONG_AGO = -(1 << 40)

BURST_LENGTHS = {0: 1, 1: 2, 2: 4, 3: 8}
"""Words of a burst by mode register bits 0 to 2; whole-page bursts are not modelled."""

TIMES = (
    "row_to_column", "precharge", "activate_to_activate", "row_cycle", "row_active",
    "row_active_most", "refresh", "refresh_every", "write_recovery", "set_mode", "power_up",
)  # fmt: skip
"""Of a chip, that its rules are about."""


class SdramViolation(Exception):
    """The chip was driven against its data sheet: the cycle, the command and the rule."""


class SdramModel:
    """A chip, one call of `step` per rising edge of its clock.

    Stricter than the chip in three points: a burst must not be cut, nobody may drive the bus in the
    cycle after somebody else, and every refresh comes within its interval; chips let eight be late.

    Parameters
    ----------
    chip : SdramChip
    clock_hz : float

    Attributes
    ----------
    words : ndarray of uint16
        Content, by address (see `SdramChip.split`).
    cycle : int
        Edges so far.
    busy : int
        Cycles in which the chip or the controller drove data.
    commands : dict
        How often each command came.
    """

    def __init__(self, chip: SdramChip, clock_hz: float) -> None:
        self.chip = chip
        self.clock_hz = clock_hz
        self.words = np.zeros(1 << chip.address_bits, np.uint16)
        self.cycle = self.busy = 0
        self.commands = {command: 0 for command in SdramCommand}
        self._cycles = {name: chip.cycles(name, clock_hz) for name in TIMES}
        banks = 1 << chip.bank_bits
        self._row: list[int | None] = [None] * banks
        self._activated = [LONG_AGO] * banks
        self._precharged = [LONG_AGO] * banks
        self._written = [LONG_AGO] * banks  # last word of a write
        self._read = [LONG_AGO] * banks  # READ of the last burst, plus its length
        self._refreshed = self._mode_set = LONG_AGO
        self._refreshes = 0
        self._burst = 0
        self._burst_ends = LONG_AGO
        self._output: dict[int, int] = {}
        self._input: list[int] = []
        self._mask = 0
        self._driver, self._driven = "", LONG_AGO

    def load(self, address: int, words: np.ndarray) -> None:
        """Put words into the chip without a command."""
        self.words[address : address + len(words)] = words

    def step(self, command: int, bank: int, address: int, dq: int | None, mask: int = 0):
        """One rising edge of the clock.

        Parameters
        ----------
        command : int
            An `SdramCommand`.
        bank, address : int
            As at the pins.
        dq : int or None
            What the controller drives.
        mask : int
            The two DQM pins.

        Returns
        -------
        int or None
            What the chip drives until the next edge.

        Raises
        ------
        SdramViolation
        """
        now = self.cycle
        if command:
            self._obey(SdramCommand(command), bank, address)
        if now - self._refreshed > self._cycles["refresh_every"] and self._refreshes:
            raise self._violation(f"no refresh for {self._cycles['refresh_every']} cycles (tREFI)")
        if self._input:
            if dq is None:
                raise self._violation("the controller drives no data for its WRITE")
            self._store(self._input.pop(0), dq, mask)
        elif dq is not None:
            raise self._violation("the controller drives the bus without a WRITE")
        word = self._output.pop(now, None)
        if self._mask:
            word = None  # what the mask's last edge said holds two edges later
        self._mask = mask
        if dq is not None:
            self._drive("controller", now)
        if word is not None:
            self._drive("chip", now + 1)
        self.cycle += 1
        return word

    def _violation(self, rule: str) -> SdramViolation:
        return SdramViolation(f"cycle {self.cycle}: {rule}")

    def _drive(self, who: str, when: int) -> None:
        """``who`` drives during the cycle that ends with edge ``when``."""
        if who != self._driver and when - self._driven < 2:
            raise self._violation(f"bus contention: the {who} drives after the {self._driver}")
        self._driver, self._driven = who, when
        self.busy += 1

    def _wait(self, since: int, name: str, symbol: str) -> None:
        if self.cycle - since < self._cycles[name]:
            raise self._violation(
                f"{self.cycle - since} cycles, {self._cycles[name]} wanted ({symbol})"
            )

    def _obey(self, command: SdramCommand, bank: int, address: int) -> None:
        self.commands[command] += 1
        if self.cycle < self._cycles["power_up"]:
            raise self._violation(f"{command.name} while the chip powers up")
        self._wait(self._refreshed, "refresh", "tRFC")
        self._wait(self._mode_set, "set_mode", "tMRD")
        if command in (SdramCommand.READ, SdramCommand.WRITE):
            self._begin(command, bank, address)
        elif command == SdramCommand.ACTIVATE:
            self._activate(bank, address)
        elif command == SdramCommand.PRECHARGE:
            banks = range(len(self._row)) if address & ALL_BANKS else (bank,)
            for number in banks:
                self._precharge(number)
        elif command == SdramCommand.STOP:
            raise self._violation("STOP is not modelled")
        else:
            self._rest(command, address)

    def _activate(self, bank: int, row: int) -> None:
        if not self._burst or self._refreshes < self.chip.first_refreshes:
            raise self._violation("ACTIVATE before the mode was set and the first refreshes came")
        if self._row[bank] is not None:
            raise self._violation(f"ACTIVATE of bank {bank}, which is open")
        if row >= 1 << self.chip.row_bits:
            raise self._violation(f"ACTIVATE of row {row}, which is none")
        self._wait(self._precharged[bank], "precharge", "tRP")
        self._wait(self._activated[bank], "row_cycle", "tRC")
        self._wait(max(self._activated), "activate_to_activate", "tRRD")
        self._row[bank], self._activated[bank] = row, self.cycle

    def _precharge(self, bank: int) -> None:
        if self._row[bank] is not None:
            self._wait(self._activated[bank], "row_active", "tRAS")
            self._held(bank)
        self._wait(self._written[bank], "write_recovery", "tWR")
        if self.cycle < self._read[bank]:
            raise self._violation(f"PRECHARGE of bank {bank} cuts a burst that is read")
        self._row[bank], self._precharged[bank] = None, self.cycle

    def _held(self, bank: int) -> None:
        if self.cycle - self._activated[bank] > self._cycles["row_active_most"]:
            raise self._violation(f"bank {bank} was open for too long (tRAS)")

    def _rest(self, command: SdramCommand, mode: int) -> None:
        """REFRESH and SET_MODE, for which every bank rests."""
        if any(row is not None for row in self._row):
            raise self._violation(f"{command.name} while a bank is open")
        self._wait(max(self._precharged), "precharge", "tRP")
        if command == SdramCommand.REFRESH:
            self._refreshed = self.cycle
            self._refreshes += 1
            return
        self._mode_set = self.cycle
        latency = mode >> 4 & 7
        if latency != self.chip.cas_latency:
            raise self._violation(f"CAS latency {latency} at {self.clock_hz / 1e6:g} MHz")
        if mode & 7 not in BURST_LENGTHS or mode & ~0x77:
            raise self._violation(f"mode {mode:#05x} is not modelled")
        self._burst = BURST_LENGTHS[mode & 7]

    def _begin(self, command: SdramCommand, bank: int, column: int) -> None:
        row = self._row[bank]
        if row is None:
            raise self._violation(f"{command.name} of bank {bank}, which is not open")
        if column >= 1 << self.chip.column_bits:
            raise self._violation(f"{command.name} of column {column}, which is none")
        self._wait(self._activated[bank], "row_to_column", "tRCD")
        self._held(bank)
        if self.cycle < self._burst_ends:
            raise self._violation(f"{command.name} cuts a burst")
        base = ((row << self.chip.bank_bits) | bank) << self.chip.column_bits
        start = column & -self._burst
        addresses = [base + start + ((column + n) % self._burst) for n in range(self._burst)]
        self._burst_ends = self.cycle + self._burst
        if command == SdramCommand.WRITE:
            self._input = addresses
            self._written[bank] = self._burst_ends - 1
            return
        self._read[bank] = self._burst_ends
        first = self.cycle + self.chip.cas_latency - 1
        for number, word in enumerate(self.words[addresses].tolist()):
            self._output[first + number] = word

    def _store(self, address: int, dq: int, mask: int) -> None:
        kept = (mask & 1) * 0xFF | (mask >> 1) * 0xFF00
        old = int(self.words[address])
        self.words[address] = (old & kept) | (dq & ~kept & 0xFFFF)
