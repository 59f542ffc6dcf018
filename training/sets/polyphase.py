"""The resampling with which the shipped network's training data were made: its integers stay.

Audio files are resampled by `thresh.data.audio_file`; this one is kept so that the recipe makes the
shipped clips and network again, bit by bit.
"""

from functools import lru_cache
from math import gcd

import numpy as np

ZERO_CROSSINGS = 24
"""Zero crossings of the filter on each side of its centre."""

ROLL_OFF = 0.94
"""Cut-off of the filter, of the lower Nyquist frequency."""


def resample(samples: np.ndarray, came: int, wanted: int) -> np.ndarray:
    """Band-limited samples at another rate: a windowed sinc in polyphase form.

    Parameters
    ----------
    samples : ndarray, shape (samples,)
    came, wanted : int
        Rates, Hz.

    Returns
    -------
    ndarray of float64, shape (ceil(samples * wanted / came),)
    """
    up, down, reach, phases = _filters(came, wanted)
    count = -(-len(samples) * up // down)
    padded = np.concatenate((np.zeros(reach), np.asarray(samples, np.float64), np.zeros(reach + 1)))
    output = np.empty(count)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    for first, (base, taps) in enumerate(phases[:count]):
        number = len(output[first::up])
        output[first::up] = windows[base::down][:number] @ taps
    return output


@lru_cache(maxsize=64)
def _filters(came: int, wanted: int) -> tuple[int, int, int, list[tuple[int, np.ndarray]]]:
    """Factors up and down, taps on each side of the centre, and first sample and taps by phase."""
    up, down = wanted // gcd(came, wanted), came // gcd(came, wanted)
    cutoff = ROLL_OFF * min(1.0, wanted / came)
    reach = int(np.ceil(ZERO_CROSSINGS / cutoff))
    offsets = np.arange(-reach, reach + 1)
    phases = []
    for first in range(up):
        base, phase = divmod(first * down, up)
        distance = offsets - phase / up
        taps = np.sinc(distance * cutoff) * np.cos(np.pi / 2 * distance / (reach + 1)) ** 2
        phases.append((base, taps / taps.sum()))
    return up, down, reach, phases
