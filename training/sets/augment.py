"""Variations of recordings that a microphone would make: tempo, level, noise and silence."""

import numpy as np

from thresh.data.audio_file import to_int16

from .polyphase import resample

TEMPO = (90, 111)
"""Per cent of the original rate."""

GAIN_DB = (-12.0, 6.0)
"""Change of level, decibels; the loudest sample stays in range."""

NOISE_DB = (15.0, 50.0)
"""Signal over white or brown noise, decibels."""

SILENCE = 1600
"""Most samples added before and after."""

LOUDER, TILT, NOISE = 0.3, 0.3, 0.1
"""Deviation of what is added to normalised features: per sequence to all bands, per sequence along
the bands, and to every value."""


def vary(pcm: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """A variation of int16 ``pcm``, int16.

    Parameters
    ----------
    pcm : ndarray of int16, shape (samples,)
    draw : numpy.random.Generator
    """
    voice = resample(pcm, int(draw.integers(*TEMPO)), 100)
    loudest = max(np.abs(voice).max(), 1.0)
    gain = min(10 ** (draw.uniform(*GAIN_DB) / 20), 32767 / loudest)
    power = np.sqrt(np.mean(voice**2)) * gain
    before, after = (int(draw.integers(0, SILENCE)) * int(draw.integers(2)) for _ in range(2))
    voice = np.concatenate((np.zeros(before), voice * gain, np.zeros(after)))
    noise = draw.standard_normal(len(voice))
    if draw.integers(2):
        noise = np.convolve(noise, 0.9 ** np.arange(40))[: len(voice)]
        noise /= noise.std()
    return to_int16(voice + noise * power * 10 ** (-draw.uniform(*NOISE_DB) / 20))


def vary_features(x: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Normalised features by another voice and microphone.

    Parameters
    ----------
    x : ndarray of float32, shape (frames, bands)
    draw : numpy.random.Generator

    Returns
    -------
    ndarray of float32, of the same shape
    """
    bands = np.linspace(-1, 1, x.shape[1])
    level, tilt = LOUDER * draw.standard_normal(), TILT * draw.standard_normal()
    return (x + level + tilt * bands + NOISE * draw.standard_normal(x.shape)).astype(np.float32)
