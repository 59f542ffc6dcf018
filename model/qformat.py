"""Fixed-point number formats."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class QFormat:
    """Two's complement fixed point: ``value = integer / 2**frac``.

    Parameters
    ----------
    bits : int
        Width, sign included.
    frac : int
        Fraction bits; may exceed ``bits`` or be negative.

    Raises
    ------
    ValueError
        When ``bits`` is not between 1 and 64.
    """

    bits: int
    frac: int

    def __post_init__(self) -> None:
        if not 1 <= self.bits <= 64:
            raise ValueError(f"A number format has 1 to 64 bits, not {self.bits!r}")

    @property
    def lowest(self) -> int:
        """Most negative integer."""
        return -(1 << (self.bits - 1))

    @property
    def highest(self) -> int:
        """Most positive integer."""
        return (1 << (self.bits - 1)) - 1

    def quantise(self, values: np.ndarray) -> np.ndarray:
        """Nearest integers to real ``values``, halves upwards, saturated; int64."""
        with np.errstate(over="ignore"):
            scaled = np.floor(np.asarray(values, np.float64) * 2.0**self.frac + 0.5)
        return np.clip(scaled, self.lowest, self.highest).astype(np.int64)

    def real(self, integers: np.ndarray) -> np.ndarray:
        """Real values of ``integers``; float64."""
        return np.asarray(integers, np.float64) / 2.0**self.frac

    def __str__(self) -> str:
        return f"Q{self.bits - 1 - self.frac}.{self.frac}"
