"""What the blocks around an SDRAM say to one another."""

from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.sdram_chip import BURST_WORDS as BURST
from thresh.layout.sdram_chip import SdramCommand

BURST_MODE = BURST.bit_length() - 1
"""The length of a burst as the chip's mode register takes it."""


def row_piece(chip):
    """Consecutive bursts of one row: ``bursts`` of them from ``column``, counted in bursts."""
    inside = chip.column_bits - 3
    return data.StructLayout(
        {
            "bank": chip.bank_bits,
            "row": chip.row_bits,
            "column": inside,
            "bursts": inside + 1,
            "write": 1,
            "last": 1,
        }
    )


READ_WORDS = wiring.Signature(
    {"room": In(1), "begun": Out(1), "word": Out(16), "valid": Out(1), "last": Out(1)}
)
"""Words read, in order, from the controller; ``last`` is the last one of a piece marked so.

There is ``room`` for another burst of them; one has been ``begun``.
"""


def sdram_pins(chip):
    """Signature of the pins, seen from the controller: commands asserted high, data in and out."""
    return wiring.Signature(
        {
            "command": Out(SdramCommand, init=SdramCommand.NOP),
            "bank": Out(chip.bank_bits),
            "address": Out(chip.row_bits),
            "mask": Out(2, init=3),
            "dq_o": Out(16),
            "dq_oe": Out(1),
            "dq_i": In(16),
        }
    )


WAITS = (
    "row_to_column", "precharge", "activate_to_activate", "row_cycle", "row_active", "refresh",
    "refresh_every", "write_recovery", "set_mode", "power_up",
)  # fmt: skip


def waits(chip, clock_hz):
    """Cycles of each of a chip's times.

    Raises
    ------
    ValueError
        When chip or controller cannot run at this clock.
    """
    wait = {name: chip.cycles(name, clock_hz) for name in WAITS}
    if wait["row_active"] + wait["precharge"] < wait["row_cycle"]:
        raise ValueError(f"tRAS and tRP must add up to tRC, {wait['row_cycle']} cycles")
    if min(wait["row_to_column"], wait["precharge"], wait["row_active"]) < 2:
        raise ValueError(f"A clock of {clock_hz / 1e6:g} MHz is too slow for the controller")
    if wait["activate_to_activate"] > 2 or wait["row_active"] > BURST:
        raise ValueError(f"A clock of {clock_hz / 1e6:g} MHz is too fast for the controller")
    return wait
