"""What the host does to each input before it is a fixed-point number: an offset and a factor."""

from dataclasses import dataclass
from typing import Any

import numpy as np

DIGITS = 9
"""Significant digits of the numbers that are chosen."""


SLIGHT = 4.0
"""Ratio of scales, and offset in deviations, that need no scaling."""


@dataclass(frozen=True, kw_only=True)
class InputScaling:
    """Inputs in their own unit to those of the first layer: ``(x - offset) * scale``, in float64.

    Rounding to the first layer's format follows. Every host computes this in double precision, so
    all give the same integers.

    Parameters
    ----------
    offsets : tuple of float
        One per input, in its own unit.
    scales : tuple of float
        One per input, above 0.

    Raises
    ------
    ValueError
        Naming the entry, what was wanted and what came.
    """

    offsets: tuple[float, ...]
    scales: tuple[float, ...]

    def __post_init__(self) -> None:
        for name in ("offsets", "scales"):
            values = tuple(float(value) for value in getattr(self, name))
            object.__setattr__(self, name, values)
            for place, value in enumerate(values):
                if not np.isfinite(value) or (name == "scales" and value <= 0):
                    wanted = "above 0" if name == "scales" else "finite"
                    raise ValueError(
                        f"{name} of an input scaling must be {wanted}, but that of input {place} "
                        f"is {value}"
                    )
        if len(self.offsets) != len(self.scales):
            raise ValueError(
                f"An input scaling must have as many offsets as scales, not {len(self.offsets)} "
                f"and {len(self.scales)}"
            )

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Scaled inputs of float64 ``x``, shape (..., inputs); infinite beyond its range."""
        with np.errstate(over="ignore"):
            return (x - np.array(self.offsets)) * np.array(self.scales)

    @property
    def is_slight(self) -> bool:
        """Inputs are about 1 and about alike as they come, so that scaling them gains nothing."""
        scales = np.array(self.scales)
        far = np.abs(np.array(self.offsets) * scales).max()
        low, high = float(scales.min()), float(scales.max())
        return bool(high <= SLIGHT * low and low >= 1 / SLIGHT**2 and far <= SLIGHT)

    def to_dict(self) -> dict[str, Any]:
        """Offsets and scales, ready for JSON."""
        return {"offsets": list(self.offsets), "scales": list(self.scales)}

    @classmethod
    def fitted(cls, x: np.ndarray) -> "InputScaling":
        """The scaling that gives every input of ``x`` mean 0 and deviation 1.

        An input that never changes keeps its unit.

        Parameters
        ----------
        x : array, shape (frames, inputs)
        """
        mean, deviation = x.mean(axis=0), x.std(axis=0)
        still = deviation <= 1e-9 * np.maximum(np.abs(mean), 1e-300)
        scale = 1.0 / np.where(still, 1.0, deviation)
        return cls(
            offsets=tuple(float(f"{value:.{DIGITS}g}") for value in mean),
            scales=tuple(float(f"{value:.{DIGITS}g}") for value in scale),
        )
