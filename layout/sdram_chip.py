"""SDRAM chips: their size, their timing and their commands."""

from dataclasses import dataclass
from enum import IntEnum
from math import ceil, floor

WORD_BITS = 16
"""Bits of a word of every chip."""

BURST_WORDS = 8
"""Words of a burst."""


class SdramCommand(IntEnum):
    """Commands by their pins: RAS, CAS and WE, asserted as 1, bits 2 to 0."""

    NOP = 0b000
    STOP = 0b001
    READ = 0b010
    WRITE = 0b011
    ACTIVATE = 0b100
    PRECHARGE = 0b101
    REFRESH = 0b110
    SET_MODE = 0b111


ALL_BANKS = 1 << 10
"""Address bit of PRECHARGE: every bank. On READ and WRITE: precharge afterwards."""


@dataclass(frozen=True, kw_only=True)
class SdramChip:
    """A single data rate SDRAM of 16-bit words; times in nanoseconds.

    Parameters
    ----------
    bank_bits, row_bits, column_bits : int
    clock_ns : float
        Least clock period with `cas_latency`.
    cas_latency : int
        Cycles from READ to its first word.
    row_to_column, precharge, activate_to_activate, row_cycle : float
        tRCD, tRP, tRRD and tRC.
    row_active, row_active_most : float
        tRAS, least and most.
    refresh, refresh_every : float
        tRFC and tREFI.
    write_recovery, set_mode : float
        tWR and tMRD; at least 2 cycles each.
    power_up : float
        Time without commands after power-up.
    first_refreshes : int
        Refreshes before the first row is opened.
    """

    bank_bits: int = 2
    row_bits: int = 13
    column_bits: int = 9
    clock_ns: float
    cas_latency: int = 3
    row_to_column: float
    precharge: float
    activate_to_activate: float
    row_cycle: float
    row_active: float
    row_active_most: float
    refresh: float
    refresh_every: float
    write_recovery: float
    set_mode: float
    power_up: float
    first_refreshes: int = 8

    @property
    def size_bytes(self) -> int:
        """Of the whole chip."""
        return WORD_BITS // 8 << self.bank_bits + self.row_bits + self.column_bits

    def cycles(self, name: str, clock_hz: float) -> int:
        """Least cycles that last the time ``name``, for the ``_most`` and ``_every`` the most.

        Raises
        ------
        ValueError
            When the chip does not run at this clock.
        """
        if clock_hz * self.clock_ns > 1.0001e9:
            raise ValueError(
                f"The SDRAM runs at up to {1e3 / self.clock_ns:.4g} MHz, not {clock_hz / 1e6:g} MHz"
            )
        exact = getattr(self, name) * clock_hz / 1e9
        if name.endswith(("_most", "_every")):
            return floor(exact + 1e-6)
        least = 2 if name in ("write_recovery", "set_mode", "activate_to_activate") else 1
        return max(least, ceil(exact - 1e-6))

    @property
    def address_bits(self) -> int:
        """Bits of a word's address: row, bank and column, from the highest bits down."""
        return self.row_bits + self.bank_bits + self.column_bits

    def split(self, address: int) -> tuple[int, int, int]:
        """Bank, row and column of a word: consecutive rows lie in consecutive banks."""
        column = address & ((1 << self.column_bits) - 1)
        bank = address >> self.column_bits & ((1 << self.bank_bits) - 1)
        return bank, address >> (self.column_bits + self.bank_bits), column


ULX3S_SDRAM = SdramChip(
    clock_ns=7.5,
    row_to_column=21,
    precharge=21,
    activate_to_activate=15,
    row_cycle=66,
    row_active=45,
    row_active_most=100_000,
    refresh=66,
    refresh_every=64e6 / 8192,
    write_recovery=15,
    set_mode=15,
    power_up=200_000,
)
"""32 MB on ULX3S. Boards carry chips of several makers, so every time is the slowest of Micron
MT48LC16M16A2-75, Winbond W9825G6-75, Alliance AS4C16M16SA-7 and ISSI IS42S16160-7."""
