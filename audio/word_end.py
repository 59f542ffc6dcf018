"""Where a spoken word ends in a recording."""

import numpy as np

PIECE_SECONDS = 0.01
"""Length of the pieces whose loudness is compared."""

QUIETER_DB = 30.0
"""A piece so much quieter than the loudest one is no part of the word."""


def word_end(samples: np.ndarray, rate: float) -> float | None:
    """Seconds from the first sample to the end of the word; None where nothing is heard.

    The recording is cut into pieces of `PIECE_SECONDS`; the word ends with the last one whose
    energy, its mean taken off, lies less than `QUIETER_DB` below the largest.

    Parameters
    ----------
    samples : ndarray of int, shape (samples,)
    rate : float
        Samples per second, Hz.
    """
    size = max(1, round(rate * PIECE_SECONDS))
    whole = np.asarray(samples, np.float64)[: len(samples) // size * size].reshape(-1, size)
    energy = whole.var(axis=1) if len(whole) else np.zeros(0)
    if not energy.any():
        return None
    last = int(np.flatnonzero(energy > energy.max() * 10 ** (-QUIETER_DB / 10))[-1])
    return (last + 1) * size / rate
