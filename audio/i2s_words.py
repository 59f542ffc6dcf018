"""Words of an I2S microphone to 16-bit samples, exact in integers."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .decimator import SAMPLE_BITS, HalvedStream
from .settings import read_settings, write_settings

FRAME_CLOCKS = 64
"""Bit clocks of an I2S frame: 32 for each channel."""

BIT_CLOCK_CYCLES = 4
"""Cycles of a device's audio clock in one of these."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What a microphone's data sheet says of its clock.

    Parameters
    ----------
    bits : int
        Of a word.
    slowest, fastest : int
        Frames per second, Hz.
    """

    bits: int
    slowest: int
    fastest: int


PARTS = {
    "INMP441": Part(bits=24, slowest=7_800, fastest=50_000),
    "ICS-43434": Part(bits=24, slowest=6_250, fastest=51_600),
    "SPH0645": Part(bits=18, slowest=16_000, fastest=64_000),
}
"""Microphones by name. An SPH0645 is faster than 8 kHz networks need: its samples are halved."""


@dataclass(frozen=True, kw_only=True)
class I2sWords:
    """``sample = word >> (bits - 16)``, then, if wanted, ``(1 + z)**2 / 4`` at half the rate.

    Parameters
    ----------
    bits : int
        Of a word, 16 to 32, two's complement: 24 or 18 in the microphones of `PARTS`.
    halve : bool
        Whether two samples make one, as in `thresh.audio.decimator.Decimator`.

    Raises
    ------
    ValueError
        When ``bits`` is anything else.
    """

    KIND: ClassVar[str] = "i2s-words"
    VERSION: ClassVar[int] = 1

    bits: int = 24
    halve: bool = False

    def __post_init__(self) -> None:
        if not SAMPLE_BITS <= self.bits <= FRAME_CLOCKS // 2:
            raise ValueError(f"i2s-words: bits must be 16 to 32, not {self.bits!r}")

    def samples(self, words: np.ndarray) -> np.ndarray:
        """Samples of a recording that begins at the reset.

        Parameters
        ----------
        words : ndarray of int, shape (words,)

        Returns
        -------
        ndarray of int16, shape (samples,)

        Raises
        ------
        ValueError
            When a word has more than ``bits`` bits.
        """
        return self.stream().take(words)

    def stream(self) -> "I2sStream":
        """The words' samples as they come."""
        return I2sStream(self)

    def to_dict(self) -> dict[str, Any]:
        """Every parameter, ready for JSON."""
        return write_settings(self)

    @classmethod
    def from_dict(cls, settings: dict[str, Any]) -> "I2sWords":
        """The words that `to_dict` described; ValueError otherwise."""
        return read_settings(cls, settings)


class I2sStream:
    """`I2sWords` within a recording."""

    def __init__(self, words: I2sWords) -> None:
        self.words = words
        self._halver = HalvedStream()

    def take(self, words: np.ndarray) -> np.ndarray:
        """Samples that ``words`` complete; int16. ValueError as `I2sWords.samples`."""
        words, bits = np.asarray(words), self.words.bits
        limit = 1 << (bits - 1)
        if words.ndim != 1 or not np.issubdtype(words.dtype, np.integer):
            raise ValueError(
                f"I2S words must be one channel of integers, not {words.dtype} of shape "
                f"{words.shape}"
            )
        if len(words) and not -limit <= words.min() <= words.max() < limit:
            raise ValueError(
                f"I2S words of {bits} bits lie in {-limit} to {limit - 1}, not "
                f"{words.min()} to {words.max()}"
            )
        samples = words.astype(np.int64) >> (bits - SAMPLE_BITS)
        return self._halver.take(samples) if self.words.halve else samples.astype(np.int16)
