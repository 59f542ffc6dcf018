"""What front ends share: frames of samples, logarithms of bands, and features of those."""

from abc import ABC, abstractmethod
from functools import cached_property

import numpy as np

from thresh.model.qformat import QFormat

WINDOW_FRAC = 15
"""Fraction bits of the Hann window."""

CHUNK = 4096
"""Frames transformed at a time, to bound memory."""


def hertz_to_mel(hertz: np.ndarray | float) -> np.ndarray:
    """Mel scale, ``1127 ln(1 + f / 700)``."""
    return 1127.0 * np.log1p(np.asarray(hertz, np.float64) / 700.0)


class LogMel(ABC):
    """Log-mel features of 16-bit mono audio.

    Frame k depends on samples ``k * hop`` to ``k * hop + window - 1`` only, so streaming equals
    batch.
    """

    window: int
    hop: int
    bands: int

    @cached_property
    def hann(self) -> np.ndarray:
        """Periodic Hann window in Q0.15; int64, shape (window,)."""
        phase = 2 * np.pi * np.arange(self.window) / self.window
        return QFormat(bits=16, frac=WINDOW_FRAC).quantise(0.5 - 0.5 * np.cos(phase))

    def frames(self, samples: int) -> int:
        """Whole frames in ``samples`` samples."""
        return max(0, (samples - self.window) // self.hop + 1)

    def log_mel(self, pcm: np.ndarray) -> np.ndarray:
        """Logarithms of the mel energies of ``pcm``, in Q.`thresh.audio.front_end.LOG_FRAC`.

        Parameters
        ----------
        pcm : ndarray of int16, shape (samples,)

        Returns
        -------
        ndarray of int64, shape (frames, bands)
        """
        pcm = np.asarray(pcm)
        if pcm.ndim != 1 or pcm.dtype != np.int16:
            raise ValueError(
                f"Audio must be one channel of int16 samples, not {pcm.dtype} of shape {pcm.shape}"
            )
        count = self.frames(len(pcm))
        if count == 0:
            return np.zeros((0, self.bands), np.int64)
        view = np.lib.stride_tricks.sliding_window_view(pcm, self.window)[:: self.hop]
        starts = range(0, count, CHUNK)
        return np.concatenate([self._log_mel(view[k : k + CHUNK]) for k in starts])

    def features(self, pcm: np.ndarray) -> np.ndarray:
        """Network inputs of ``pcm``.

        Parameters
        ----------
        pcm : ndarray of int16, shape (samples,)
            Mono, at ``rate``.

        Returns
        -------
        ndarray of int64, shape (frames, bands)
            Format Q.x_frac, of `thresh.audio.front_end.FEATURE_BITS` bits.

        Raises
        ------
        ValueError
            When ``pcm`` is not one channel of int16.
        """
        return self.normalise(self.log_mel(pcm))

    @abstractmethod
    def normalise(self, logs: np.ndarray) -> np.ndarray:
        """Features of logarithms, shape (..., bands)."""

    @abstractmethod
    def _log_mel(self, frames: np.ndarray) -> np.ndarray:
        """Logarithms of frames of samples, shape (frames, window)."""
