"""The serial link's speed: which a clock can time."""

from thresh.layout.link import MIN_BIT_CYCLES

BAUD_ERROR = 0.01
"""Largest relative error of the serial link's speed."""


def baud_error(clock_hz: float, baud: int) -> float:
    """Relative error of the serial link's speed with a whole divider of the clock."""
    return abs(clock_hz / max(1, round(clock_hz / baud)) / baud - 1)


def check_baud(clock_hz: float, baud: int) -> None:
    """Refuse a serial link that a clock cannot time.

    Raises
    ------
    ValueError
        When the clock or the speed is not above 0, or a whole divider does not come near enough.
    """
    if not (0 < clock_hz < float("inf") and baud > 0):
        raise ValueError(f"Clock and baud must be above 0, not {clock_hz / 1e6:g} MHz and {baud}")
    at = f"{baud} baud is {{}} at {clock_hz / 1e6:g} MHz"
    if round(clock_hz / baud) < MIN_BIT_CYCLES:
        most = int(clock_hz // MIN_BIT_CYCLES)
        raise ValueError(f"{at.format('too fast')}, which serves at most {most} baud")
    if (error := baud_error(clock_hz, baud)) > BAUD_ERROR:
        off = at.format(f"{100 * error:.1f} % off")
        raise ValueError(f"{off}; at most {100 * BAUD_ERROR:g} % works")
