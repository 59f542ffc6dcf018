"""Front end: 16-bit audio to log-mel network inputs, in integers from the window onward."""

from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from thresh.model.arithmetic import narrow, saturate, shift_round
from thresh.model.qformat import QFormat

from .log_mel import WINDOW_FRAC, LogMel, hertz_to_mel

SAMPLE_BITS = 16
"""Width of a sample, before and after the window."""

TWIDDLE_FRAC = 14
"""Fraction bits of the transform's cosines and sines."""

SPECTRUM_BITS = 24
"""Width of a real or imaginary part of the spectrum; wide enough never to saturate."""

MEL_FRAC = 12
"""Fraction bits of the mel weights."""

LOG_FRAC = 10
"""Fraction bits of a base-2 logarithm."""

MANTISSA_BITS = 7
"""Bits after the leading one that choose the logarithm's table entry."""

SCALE_FRAC = 12
"""Fraction bits of the per-band scale."""

FEATURE_BITS = 15
"""Width of a feature: one bit less than a value, so that every delta fits 16 bits."""


def leading_one(value: np.ndarray) -> np.ndarray:
    """Position of the highest set bit of positive int64 ``value``."""
    return np.searchsorted(1 << np.arange(63, dtype=np.int64), value, side="right") - 1


def log2_table() -> np.ndarray:
    """``log2`` at the middle of each mantissa interval of [1, 2), in Q.`LOG_FRAC`; int64."""
    steps = 1 << MANTISSA_BITS
    mantissa = 1 + (np.arange(steps) + 0.5) / steps
    return QFormat(bits=LOG_FRAC + 2, frac=LOG_FRAC).quantise(np.log2(mantissa))


def log2(value: np.ndarray) -> np.ndarray:
    """Base-2 logarithm of positive int64 ``value`` in Q.`LOG_FRAC`: leading one, then a table."""
    position = leading_one(value)
    aligned = (value << (62 - position)) >> (62 - MANTISSA_BITS)
    return (position << LOG_FRAC) + log2_table()[aligned - (1 << MANTISSA_BITS)]


@dataclass(frozen=True, kw_only=True)
class FrontEnd(LogMel):
    """Log-mel features of 16-bit mono audio.

    Per frame: ``v = narrow(pcm * window)``, ``X = narrow(twiddles v)``, ``P = |X|^2``,
    ``E = mel P + floor``, ``L = log2(E)``, ``x = narrow((L - offset) * scale)``.

    Parameters
    ----------
    rate : int
        Samples per second, Hz.
    window, hop : int
        Samples in a frame and from one frame to the next.
    points : int
        Length of the discrete Fourier transform, a power of two, at least ``window``.
    bands : int
        Mel bands, evenly spaced in mel from ``low_hz`` to ``high_hz``.
    floor : int
        Added to every band's energy: the level below which a band counts as silent, in units of
        ``2**-MEL_FRAC`` squared spectrum steps.
    x_frac : int
        Fraction bits of the features.
    offsets : tuple of int
        Per band, in Q.`LOG_FRAC`: the mean over training data.
    scales : tuple of int
        Per band, in Q.`SCALE_FRAC`: ``2**x_frac`` over the deviation in units of ``2**-LOG_FRAC``.

    Raises
    ------
    ValueError
        Naming the field, what was wanted and what came.
    """

    ONE: ClassVar[int] = 1 << SCALE_FRAC
    """A scale that changes nothing."""

    rate: int = 8000
    window: int = 200
    hop: int = 80
    points: int = 256
    bands: int = 40
    low_hz: int = 60
    high_hz: int = 4000
    floor: int = 1 << 20
    x_frac: int = 12
    offsets: tuple[int, ...] = (0,) * 40
    scales: tuple[int, ...] = (ONE,) * 40

    def __post_init__(self) -> None:
        object.__setattr__(self, "offsets", tuple(self.offsets))
        object.__setattr__(self, "scales", tuple(self.scales))
        ranges = {
            "rate": (1000, 192_000),
            "points": (16, 1024),
            "window": (2, self.points),
            "hop": (1, 1 << 16),
            "bands": (1, 256),
            "low_hz": (0, self.rate // 2 - 1),
            "high_hz": (self.low_hz + 1, self.rate // 2),
            "floor": (1, 1 << 48),
            "x_frac": (0, 15),
        }
        for name, (lowest, highest) in ranges.items():
            value = getattr(self, name)
            if not lowest <= value <= highest:
                raise ValueError(f"Front end: {name} must be {lowest} to {highest}, not {value!r}")
        if self.points & (self.points - 1):
            raise ValueError(f"Front end: points must be a power of two, not {self.points}")
        for name, bits in (("offsets", 17), ("scales", 20)):
            values = getattr(self, name)
            if len(values) != self.bands:
                raise ValueError(
                    f"Front end: {name} must hold {self.bands} integers, not {len(values)}"
                )
            if max(map(abs, values)) >= 1 << bits:
                raise ValueError(f"Front end: {name} must stay below {1 << bits} in magnitude")
        row_sums = self.mel_weights.sum(axis=1)
        if row_sums.min() <= 0 or row_sums.max() >= 1 << (62 - 2 * SPECTRUM_BITS + 1):
            raise ValueError(
                f"Front end: each of {self.bands} bands from {self.low_hz} to {self.high_hz} Hz "
                f"must cover between one and {1 << (63 - 2 * SPECTRUM_BITS - MEL_FRAC)} of the "
                f"transform's {self.points // 2 + 1} bins"
            )

    @cached_property
    def twiddles(self) -> np.ndarray:
        """Cosines, then negated sines, in Q1.14; int64, shape (window, 2 * (points/2 + 1))."""
        turn = np.outer(np.arange(self.window), np.arange(self.points // 2 + 1)) % self.points
        phase = 2 * np.pi * turn / self.points
        both = np.concatenate((np.cos(phase), -np.sin(phase)), axis=1)
        return QFormat(bits=16, frac=TWIDDLE_FRAC).quantise(both)

    @cached_property
    def mel_weights(self) -> np.ndarray:
        """Triangles of height one in Q.`MEL_FRAC`; int64, shape (bands, points/2 + 1)."""
        low, high = hertz_to_mel(self.low_hz), hertz_to_mel(self.high_hz)
        edges = np.linspace(low, high, self.bands + 2)[:, None]
        bins = hertz_to_mel(np.arange(self.points // 2 + 1) * self.rate / self.points)
        rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
        falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
        triangles = np.maximum(0.0, np.minimum(rising, falling))
        return QFormat(bits=16, frac=MEL_FRAC).quantise(triangles)

    def _log_mel(self, frames: np.ndarray) -> np.ndarray:
        windowed, _ = narrow(frames.astype(np.int64) * self.hann, WINDOW_FRAC, SAMPLE_BITS)
        # Sums stay below 2**(15 + 14 + 10), so float64 is exact and BLAS makes it fast.
        sums = windowed.astype(np.float64) @ self.twiddles.astype(np.float64)
        spectrum, _ = narrow(sums.astype(np.int64), TWIDDLE_FRAC, SPECTRUM_BITS)
        half = self.points // 2 + 1
        power = spectrum[:, :half] ** 2 + spectrum[:, half:] ** 2
        return log2(power @ self.mel_weights.T + self.floor)

    def normalise(self, logs: np.ndarray) -> np.ndarray:
        """Features of logarithms in Q.`LOG_FRAC`, shape (..., bands): -16383 to 16383."""
        centred = (logs - np.array(self.offsets)) * np.array(self.scales)
        scaled, _ = saturate(shift_round(centred, SCALE_FRAC), FEATURE_BITS)
        return np.maximum(scaled, -QFormat(bits=FEATURE_BITS, frac=0).highest)

    def fitted(self, logs: np.ndarray) -> "FrontEnd":
        """The same front end with offsets and scales that give ``logs`` mean 0, deviation 1.

        Parameters
        ----------
        logs : ndarray of int64, shape (frames, bands)
            From `log_mel` of the training set.
        """
        deviation = np.maximum(logs.std(axis=0), 1.0)
        scales = np.rint(2.0 ** (self.x_frac + SCALE_FRAC) / deviation)
        settings = self.to_dict() | {
            "offsets": [int(value) for value in np.rint(logs.mean(axis=0))],
            "scales": [int(value) for value in scales],
        }
        return FrontEnd.from_dict(settings)

    def to_dict(self) -> dict[str, Any]:
        """Every parameter, ready for JSON."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, settings: dict[str, Any]) -> "FrontEnd":
        """The front end that `to_dict` described.

        Raises
        ------
        ValueError
            On a missing, unknown or wrongly typed entry, naming it.
        """
        names = {field.name for field in fields(cls)}
        if not isinstance(settings, dict) or set(settings) != names:
            came = sorted(settings) if isinstance(settings, dict) else type(settings).__name__
            raise ValueError(f"Front end: the entries must be {sorted(names)}, not {came}")
        for name, value in settings.items():
            listed = name in ("offsets", "scales")
            items = value if listed and isinstance(value, list | tuple) else [value]
            if not all(type(item) is int for item in items) or (listed and items is not value):
                wanted = "a list of integers" if listed else "an integer"
                raise ValueError(f"Front end: {name} must be {wanted}, not {value!r}")
        return cls(**settings)
