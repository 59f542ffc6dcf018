"""Features as other rooms and microphones give them: level, noise, tempo, and parts left out.

All of it happens to the logarithms of the bands' magnitudes, where a level is a sum and a noise
adds its energy, so that every epoch hears new rooms at the price of none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thresh.audio.front_end import LOG_FRAC
from thresh.audio.magnitude_front_end import FLOOR, MagnitudeFrontEnd

OCTAVE_DB = 6.02
"""Decibels of a doubled magnitude."""

LEVEL_DB = (-12.0, 9.0)
"""Change of level."""

TILT_DB, BAND_DB = 3.0, 1.2
"""Deviation of what a microphone adds to the highest band and takes from the lowest, and adds to
each."""

NOISE_DB = (0.0, 40.0)
"""Speech over noise."""

NOISY = 0.7
"""Share of the clips with noise."""

TEMPO = (0.85, 1.15)
"""Change of tempo."""

WARP = (0.88, 1.14)
"""Change of the formants, where a speaker is changed too."""

WARP_BASE = 2.0
"""Bands below the first."""

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


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """Another room, and another way to speak.

    Parameters
    ----------
    first : int
        Frames of a clip that are left out at its begin.
    tempo, warp : float
        Of what is said; how much higher its formants lie.
    level : float
        Added to the logarithms.
    noise : ndarray of float, shape (frames, bands), or None
        Logarithms of a noise.
    below : float
        Logarithm of the voice's loudness over the noise's.
    """

    first: int
    tempo: float
    warp: float
    level: float
    noise: np.ndarray | None
    below: float

    @classmethod
    def drawn(
        cls, noises: Sequence[np.ndarray], draw: np.random.Generator, *, warp: bool = False,
        noisy: float = NOISY, over: tuple[float, float] = NOISE_DB,
    ) -> "Elsewhere":  # fmt: skip
        """One room of those that there are.

        Parameters
        ----------
        noises, draw, warp
            As `heard` has them.
        noisy : float
            Share of the rooms with noise.
        over : tuple of float
            Least and most decibels of the speech over it.
        """
        first = int(draw.integers(-EARLIER, EARLIER + 1))
        tempo, factor = draw.uniform(*TEMPO), draw.uniform(*WARP) if warp else 1.0
        level, noise, below = draw.uniform(*LEVEL_DB) / OCTAVE_DB, None, 0.0
        if len(noises) and draw.random() < noisy:
            noise = noises[int(draw.integers(len(noises)))] / np.float32(2**LOG_FRAC)
            noise = np.roll(noise, int(draw.integers(len(noise))), axis=0)
            below = draw.uniform(*over) / OCTAVE_DB
        return cls(first=first, tempo=tempo, warp=factor, level=level, noise=noise, below=below)

    def of(self, log: np.ndarray) -> np.ndarray:
        """A clip as heard there; as `heard` has it."""
        frames = len(log)
        places = frames / 2 + (np.arange(frames) + self.first - frames / 2) * self.tempo
        places = np.rint(places).astype(int).clip(0, frames - 1)
        voice = log[places] / np.float32(2**LOG_FRAC)
        if self.warp != 1:
            voice = warped(voice, self.warp)
        voice = voice + np.float32(self.level)
        if self.noise is not None:
            noise = self.noise[np.arange(frames) % len(self.noise)]
            over = np.float32(_loudness(voice) - _loudness(noise) - self.below)
            voice = _sum(voice, noise + over)
        return np.rint(np.maximum(voice, np.log2(FLOOR)) * 2**LOG_FRAC).astype(np.int64)

    def step(self, at: int, frames: int) -> int:
        """Where a step of a clip of so many frames is heard."""
        heard_at = (at - frames / 2) / self.tempo + frames / 2 - self.first
        return int(np.rint(heard_at).clip(0, frames - 1))


def heard(
    log: np.ndarray, noises: Sequence[np.ndarray], draw: np.random.Generator, *, warp: bool = False
) -> np.ndarray:
    """A clip of as many frames, as heard elsewhere.

    Parameters
    ----------
    log : ndarray of int64, shape (frames, bands)
        From `MagnitudeFrontEnd.log_mel`.
    noises : sequence of ndarray of int64, each of shape (frames, bands)
        Of rooms.
    draw : numpy.random.Generator
    warp : bool
        Speakers are others too, whose formants lie elsewhere.

    Returns
    -------
    ndarray of int64, of the same shape
    """
    return Elsewhere.drawn(noises, draw, warp=warp).of(log)


def by_another_microphone(log: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """A clip as another microphone hears it, which favours some bands.

    Parameters
    ----------
    log : ndarray of int64, shape (frames, bands)
    draw : numpy.random.Generator
    """
    bands = log.shape[1]
    slope = draw.normal(0, TILT_DB) * np.linspace(-1, 1, bands)
    colour = (slope + draw.normal(0, BAND_DB, bands)) / OCTAVE_DB
    return log + np.rint(colour * 2.0**LOG_FRAC).astype(np.int64)


def warped(voice: np.ndarray, factor: float) -> np.ndarray:
    """Bands of a speaker whose formants lie ``factor`` times as high.

    Parameters
    ----------
    voice : ndarray of float, shape (frames, bands)
    factor : float
    """
    bands = voice.shape[1]
    places = np.clip((np.arange(bands) + WARP_BASE) / factor - WARP_BASE, 0, bands - 1)
    low = np.floor(places).astype(int).clip(0, bands - 2)
    share = places - low
    return (1 - share) * voice[:, low] + share * voice[:, low + 1]


def masked(x: np.ndarray, draw: np.random.Generator, masks: int = MASKS) -> np.ndarray:
    """Normalised features without some stretches of time and some bands, which are zero then.

    Parameters
    ----------
    x : ndarray of float32, shape (frames, bands)
    draw : numpy.random.Generator
    masks : int
        Stretches, and groups.
    """
    kept = x.copy()
    for _ in range(masks):
        frames, bands = int(draw.integers(LONGEST + 1)), int(draw.integers(WIDEST + 1))
        first = int(draw.integers(max(1, len(x) - frames)))
        lowest = int(draw.integers(max(1, x.shape[1] - bands)))
        kept[first : first + frames] = 0
        kept[:, lowest : lowest + bands] = 0
    return kept


def _sum(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Logarithms of magnitudes whose energies add."""
    return np.log2(np.exp2(2 * one) + np.exp2(2 * other)) / 2


def _loudness(log: np.ndarray) -> float:
    """Logarithm of the magnitude of the mean energy."""
    return float(np.log2(np.exp2(2 * log).mean())) / 2
