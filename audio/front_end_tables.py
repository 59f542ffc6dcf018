"""The table words of a magnitude front end: what lies where, for gateware and for the flash."""

from dataclasses import dataclass

import numpy as np

from .block_transform import SHIFTS, cosines
from .front_end import log2_table
from .magnitude_front_end import MagnitudeFrontEnd

LAST_OF_INTERVAL = 15
"""Bit of a mel word: the next bin lies in the next interval."""

LAST_INTERVAL = 14
"""Bit of a mel word: no interval follows."""


@dataclass(frozen=True, kw_only=True)
class TableLayout:
    """Addresses in the ``2 * points`` words of 16 bits.

    The cosine's first quarter lies at 0, in Q.15 with one itself; word ``quarter`` is its zero and
    the window's as well. Window words 1 to half of it follow, then per band offset and scale, in
    the last ten words but one the powers of two from 1. In the upper half lie, by bin, the rise in
    the low byte with the flags `LAST_OF_INTERVAL` and `LAST_INTERVAL`, and in the last quarter the
    logarithms.
    """

    points: int
    window: int

    @property
    def depth(self) -> int:
        """Words."""
        return 2 * self.points

    @property
    def quarter(self) -> int:
        """Address of the cosine's zero; window word k lies k words further."""
        return self.points // 4

    @property
    def norms(self) -> int:
        """Address of the first band's offset; its scale is the next word."""
        end = self.quarter + self.window // 2 + 1
        return end + end % 2

    @property
    def powers(self) -> int:
        """Address of ``2**0``; ends with the bits 0110."""
        return self.points - 10

    @property
    def mels(self) -> int:
        """Address of bin 0's word."""
        return self.points

    @property
    def logs(self) -> int:
        """Address of the logarithm of mantissa 0."""
        return self.points + self.points // 2

    @property
    def most_bands(self) -> int:
        """Bands whose offsets and scales have room."""
        return (self.powers - self.norms) // 2


def table_words(front_end: MagnitudeFrontEnd) -> np.ndarray:
    """Every word of a front end; int64 from 0 to 65535.

    Raises
    ------
    ValueError
        When the bands do not fit.
    """
    layout = TableLayout(points=front_end.points, window=front_end.window)
    if front_end.bands > layout.most_bands:
        raise ValueError(
            f"A window of {front_end.window} samples leaves room for {layout.most_bands} bands, "
            f"not {front_end.bands}"
        )
    words = np.zeros(layout.depth, np.int64)
    words[: layout.quarter + 1] = cosines(front_end.points)
    half = front_end.window // 2
    words[layout.quarter + 1 : layout.quarter + half + 1] = front_end.hann[1 : half + 1]
    norms = words[layout.norms : layout.norms + 2 * front_end.bands]
    norms[0::2], norms[1::2] = front_end.offsets, front_end.scales
    words[layout.powers : layout.powers + SHIFTS] = 1 << np.arange(SHIFTS)
    rise, interval = front_end.bins
    ends = np.append(interval[1:] != interval[:-1], True)
    final = interval == front_end.bands
    words[layout.mels + 1 : layout.mels + len(rise) + 1] = (
        rise | ends << LAST_OF_INTERVAL | final << LAST_INTERVAL
    )
    logs = log2_table()
    words[layout.logs : layout.logs + len(logs)] = logs
    return words
