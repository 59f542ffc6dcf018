"""Front end for gateware: log-mel of magnitudes from a block-floating transform of 16 bits."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from thresh.model.arithmetic import narrow, saturate, shift_round
from thresh.model.qformat import QFormat

from .block_transform import largest_shift, magnitudes
from .front_end import FEATURE_BITS, LOG_FRAC, log2
from .log_mel import WINDOW_FRAC, LogMel, hertz_to_mel
from .settings import read_settings, write_settings

MEL_BITS = 8
"""Width of a mel weight; a bin's two weights sum to 255."""

NORM_FRAC = 12
"""Fraction bits of the per-band scale."""

FLOOR = 16
"""Added to every band's energy before the block's exponent: below it a band counts as silent."""

POINTS = (256, 512)
"""Lengths of the transform that gateware computes, in real samples."""


@dataclass(frozen=True, kw_only=True)
class MagnitudeFrontEnd(LogMel):
    """Log-mel features of 16-bit mono audio, by multiplications of 16 x 16 bits only.

    Per frame: ``v = shift_round(pcm * window, 15)``, ``(P, Q) = (|re V|, |im V|) / 2`` from
    `thresh.audio.block_transform` with exponent s, ``E = sum (P + Q) mel + (16 << s)``,
    ``L = log2(E) - s``, ``x = saturate(shift_round((L - offset) * scale, 12), 15)``.
    A bin lies between two neighbours of ``bands + 2`` edges, evenly spaced in mel; it gives
    ``rise`` of 255 parts to the band above and the rest to the band below.

    Parameters
    ----------
    rate : float
        Samples per second, Hz: 7812.5 where a microphone is clocked so.
    window, hop : int
        Samples in a frame, a multiple of 4, and from one frame to the next.
    points : int
        Length of the transform in real samples, one of `POINTS`.
    bands : int
        Mel bands.
    low_hz, high_hz : int
        First and last edge.
    x_frac : int
        Fraction bits of the features.
    offsets : tuple of int
        Per band, in Q.`LOG_FRAC`: the mean over training data.
    scales : tuple of int
        Per band, in Q.`NORM_FRAC`: ``2**x_frac`` over the deviation in units of ``2**-LOG_FRAC``.

    Raises
    ------
    ValueError
        Naming the field, what was wanted and what came.
    """

    KIND: ClassVar[str] = "magnitude-mel"
    VERSION: ClassVar[int] = 1
    ONE: ClassVar[int] = 1 << NORM_FRAC
    """A scale that changes nothing."""

    rate: float = 8000
    window: int = 200
    hop: int = 80
    points: int = 256
    bands: int = 40
    low_hz: int = 60
    high_hz: int = 4000
    x_frac: int = 12
    offsets: tuple[int, ...] = (0,) * 40
    scales: tuple[int, ...] = (ONE,) * 40

    def __post_init__(self) -> None:
        object.__setattr__(self, "offsets", tuple(self.offsets))
        object.__setattr__(self, "scales", tuple(self.scales))
        title = self.KIND
        if self.points not in POINTS:
            raise ValueError(f"{title}: points must be one of {POINTS}, not {self.points!r}")
        ranges = {
            "rate": (1000, 192_000),
            "window": (8, self.points - 8),
            "hop": (8, self.points),
            "bands": (1, 128),
            "low_hz": (0, int(self.rate / 2) - 1),
            "high_hz": (self.low_hz + 1, int(self.rate / 2)),
            "x_frac": (0, 14),
        }
        for name, (lowest, highest) in ranges.items():
            value = getattr(self, name)
            if not lowest <= value <= highest:
                raise ValueError(f"{title}: {name} must be {lowest} to {highest}, not {value!r}")
        if self.window % 4:
            raise ValueError(f"{title}: window must be a multiple of 4, not {self.window!r}")
        for name, limit in (("offsets", 1 << 15), ("scales", (1 << 15) + 1)):
            values = getattr(self, name)
            if len(values) != self.bands:
                raise ValueError(
                    f"{title}: {name} must hold {self.bands} integers, not {len(values)}"
                )
            if min(values) < 0 or max(values) >= limit:
                raise ValueError(f"{title}: {name} must lie in 0 to {limit - 1}")
        _, interval = self.bins
        empty = set(range(self.bands + 1)) - set(interval.tolist())
        if empty:
            raise ValueError(
                f"{title}: each of {self.bands} bands from {self.low_hz} to {self.high_hz} Hz must "
                f"hold one of the transform's bins on either side, and {min(empty)} holds none"
            )
        most = int(self.weights.sum(axis=1).max()) * LARGEST_MAGNITUDE
        if most + (FLOOR << largest_shift()) >= 1 << 32:
            raise ValueError(f"{title}: {self.bands} bands are so few that an energy needs 33 bits")

    @cached_property
    def bins(self) -> tuple[np.ndarray, np.ndarray]:
        """Rise (0 to 255) and interval of each bin from 1 to ``points/2 - 1``; int64.

        A bin below the first edge lies in the first interval with rise 0, one above the last edge
        in the last with rise 255: neither gives anything to a band.
        """
        low, high = hertz_to_mel(self.low_hz), hertz_to_mel(self.high_hz)
        edges = np.linspace(low, high, self.bands + 2)
        mel = hertz_to_mel(np.arange(1, self.points // 2) * self.rate / self.points)
        interval = np.clip(np.searchsorted(edges, mel, side="right") - 1, 0, self.bands)
        share = (mel - edges[interval]) / (edges[interval + 1] - edges[interval])
        highest = (1 << MEL_BITS) - 1
        rise = QFormat(bits=16, frac=0).quantise(np.clip(share, 0.0, 1.0) * highest)
        return rise, interval

    @cached_property
    def weights(self) -> np.ndarray:
        """Mel weights; int64, shape (bands, points/2 - 1) for the bins from 1."""
        rise, interval = self.bins
        both = np.zeros((self.bands + 2, len(rise)), np.int64)
        both[interval + 1, np.arange(len(rise))] = rise
        both[interval, np.arange(len(rise))] = (1 << MEL_BITS) - 1 - rise
        return both[1:-1]

    def _log_mel(self, frames: np.ndarray) -> np.ndarray:
        windowed, _ = narrow(frames.astype(np.int64) * self.hann, WINDOW_FRAC, 16)
        padded = np.zeros((len(frames), self.points), np.int64)
        padded[:, : self.window] = windowed
        sums, exponent = magnitudes(padded)
        energy = sums @ self.weights.T + (FLOOR << exponent)[:, None]
        return log2(energy) - (exponent[:, None] << LOG_FRAC)

    def normalise(self, logs: np.ndarray) -> np.ndarray:
        """Features of logarithms in Q.`LOG_FRAC`, shape (..., bands): -16384 to 16383."""
        centred = (logs - np.array(self.offsets)) * np.array(self.scales)
        return saturate(shift_round(centred, NORM_FRAC), FEATURE_BITS)[0]

    def fitted(self, logs: np.ndarray) -> "MagnitudeFrontEnd":
        """The same front end with offsets and scales that give ``logs`` mean 0, deviation 1.

        Parameters
        ----------
        logs : ndarray of int64, shape (frames, bands)
            From `log_mel` of the training set.
        """
        deviation = np.maximum(logs.std(axis=0), 1.0)
        scales = np.minimum(np.rint(2.0 ** (self.x_frac + NORM_FRAC) / deviation), 1 << 15)
        settings = self.to_dict() | {
            "offsets": [int(value) for value in np.rint(logs.mean(axis=0))],
            "scales": [int(value) for value in scales],
        }
        return MagnitudeFrontEnd.from_dict(settings)

    def to_dict(self) -> dict[str, Any]:
        """Kind, version and every parameter, ready for JSON."""
        return write_settings(self)

    @classmethod
    def from_dict(cls, settings: dict[str, Any]) -> "MagnitudeFrontEnd":
        """The front end that `to_dict` described; ValueError otherwise, naming the entry."""
        return read_settings(cls, settings)


LARGEST_MAGNITUDE = 2 * 32767
"""Bound on P + Q of a bin."""
