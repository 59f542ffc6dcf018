"""Features as other rooms and microphones give them: level, noise, tempo, and parts left out.

All of it happens to the logarithms of the bands' magnitudes, where a level is a sum and a noise
adds its energy, so that every epoch hears new rooms at the price of none.
"""

from collections.abc import Sequence

import numpy as np

from thresh.audio.front_end import LOG_FRAC
from thresh.audio.magnitude_front_end import FLOOR, MagnitudeFrontEnd

OCTAVE_DB = 6.02
"""Decibels of a doubled magnitude."""

LEVEL_DB = (-12.0, 9.0)
"""Change of level."""

NOISE_DB = (0.0, 40.0)
"""Speech over noise."""

NOISY = 0.7
"""Share of the clips with noise."""

TEMPO = (0.85, 1.15)
"""Change of tempo."""

EARLIER = 10
"""Most frames by which a clip begins earlier or later."""

MASKS = 2
"""Stretches of time, and groups of bands, that are left out of a clip."""

LONGEST, WIDEST = 15, 3
"""Most frames and bands of each."""


def coloured(front_end: MagnitudeFrontEnd, draw: np.random.Generator, count: int = 4) -> list:
    """Logarithms of white and of brown noise, a second and a half each, in Q.`LOG_FRAC`."""
    found = []
    for number in range(2 * count):
        noise = draw.standard_normal(int(1.5 * front_end.rate))
        if number % 2:
            noise = np.convolve(noise, 0.9 ** np.arange(40))[: len(noise)]
        found.append(front_end.log_mel((2000 * noise / noise.std()).astype(np.int16)))
    return found


def heard(log: np.ndarray, noises: Sequence[np.ndarray], draw: np.random.Generator) -> np.ndarray:
    """A clip of as many frames, as heard elsewhere.

    Parameters
    ----------
    log : ndarray of int64, shape (frames, bands)
        From `MagnitudeFrontEnd.log_mel`.
    noises : sequence of ndarray of int64, each of shape (frames, bands)
        Of rooms.
    draw : numpy.random.Generator

    Returns
    -------
    ndarray of int64, of the same shape
    """
    frames = len(log)
    first = int(draw.integers(-EARLIER, EARLIER + 1))
    middle, tempo = frames / 2, draw.uniform(*TEMPO)
    places = middle + (np.arange(frames) + first - middle) * tempo
    voice = log[np.rint(places).astype(int).clip(0, frames - 1)] / 2.0**LOG_FRAC
    voice = voice + draw.uniform(*LEVEL_DB) / OCTAVE_DB
    if noises and draw.random() < NOISY:
        noise = noises[int(draw.integers(len(noises)))] / 2.0**LOG_FRAC
        noise = np.roll(noise, int(draw.integers(len(noise))), axis=0)
        noise = noise[np.arange(frames) % len(noise)]
        over = draw.uniform(*NOISE_DB) / OCTAVE_DB
        voice = _sum(voice, noise + _loudness(voice) - _loudness(noise) - over)
    floor = np.log2(FLOOR)
    return np.rint(np.maximum(voice, floor) * 2.0**LOG_FRAC).astype(np.int64)


def masked(x: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Normalised features without some stretches of time and some bands, which are zero then.

    Parameters
    ----------
    x : ndarray of float32, shape (frames, bands)
    draw : numpy.random.Generator
    """
    kept = x.copy()
    for _ in range(MASKS):
        frames, bands = int(draw.integers(LONGEST + 1)), int(draw.integers(WIDEST + 1))
        first = int(draw.integers(max(1, len(x) - frames)))
        lowest = int(draw.integers(max(1, x.shape[1] - bands)))
        kept[first : first + frames] = 0
        kept[:, lowest : lowest + bands] = 0
    return kept


def _sum(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Logarithms of magnitudes whose energies add."""
    return np.logaddexp2(2 * one, 2 * other) / 2


def _loudness(log: np.ndarray) -> float:
    """Logarithm of the magnitude of the mean energy."""
    return float(np.logaddexp2.reduce(2 * log, axis=None) - np.log2(log.size)) / 2
