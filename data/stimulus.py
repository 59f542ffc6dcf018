"""What a microphone says of a recording: PDM bits or I2S words."""

from pathlib import Path

import numpy as np

from thresh.audio.decimator import SAMPLE_BITS, Decimator
from thresh.audio.i2s_words import I2sWords
from thresh.audio.modulator import pdm_bits
from thresh.model.files import read_arrays
from thresh.model.untrusted import shown

from .arrays import holds_arrays
from .audio_file import read_audio

FINER = 10
"""Most samples that are read of a recording for one of the device's."""


def stimulus_of(
    path: Path,
    microphone: Decimator | I2sWords,
    rate: float,
    name: str | None = None,
    *,
    silence: float = 0.0,
) -> tuple[np.ndarray, str | None]:
    """Bits or words of ``microphone`` as it hears a recording.

    Parameters
    ----------
    path : Path
        Audio, which is brought to the rate of the bits or words; or a ``.npy`` or ``.npz`` of bits
        or words, which are taken as they are. Bits are 0 and 1, or eight in a byte as
        ``numpy.packbits`` puts them there.
    microphone : Decimator or I2sWords
    rate : float
        The network's samples per second, Hz.
    name : str, optional
        Which array of a ``.npz`` that holds several.
    silence : float
        Seconds of it behind audio.

    Returns
    -------
    stimulus : ndarray of int
        For `thresh.sim.device.golden.golden_device`.
    note : str or None
        What was converted, for people.

    Raises
    ------
    ValueError, OSError
        When the file holds none of these, in one sentence.
    """
    if holds_arrays(path):
        return _recorded(path, microphone, name), None
    if isinstance(microphone, I2sWords):
        pcm, note = _audio(path, rate * (1 + microphone.halve), silence)
        return pcm.astype(np.int64) << (microphone.bits - SAMPLE_BITS), note
    finer = finer_than(microphone.bits_per_sample)
    pcm, note = _audio(path, rate * finer, silence)
    return pdm_bits(pcm, microphone.bits_per_sample // finer), note


def _audio(path: Path, rate: float, silence: float) -> tuple[np.ndarray, str | None]:
    pcm, note = read_audio(path, rate)
    return np.concatenate((pcm, np.zeros(round(rate * silence), np.int16))), note


def finer_than(bits_per_sample: int) -> int:
    """The largest divisor of ``bits_per_sample`` up to `FINER`."""
    return next(count for count in range(FINER, 0, -1) if bits_per_sample % count == 0)


def _recorded(path: Path, microphone: Decimator | I2sWords, name: str | None) -> np.ndarray:
    values = _array(path, name)
    if values.ndim != 1 or values.dtype.kind not in "iu":
        raise ValueError(
            f"{path.name} must hold one channel of PDM bits or I2S words, not {values.dtype} of "
            f"shape {values.shape}"
        )
    kind, lowest, highest = "bits", 0, 1
    if isinstance(microphone, I2sWords):
        limit = 1 << (microphone.bits - 1)
        kind, lowest, highest = "words", -limit, limit - 1
    elif values.dtype == np.uint8 and values.max(initial=0) > 1:
        values = np.unpackbits(values)
    if len(values) and not lowest <= int(values.min()) <= int(values.max()) <= highest:
        raise ValueError(
            f"{path.name} must hold {kind} from {lowest} to {highest}, not {values.min()} to "
            f"{values.max()}"
        )
    return values


def _array(path: Path, name: str | None) -> np.ndarray:
    arrays = read_arrays(path)
    if name is None and len(arrays) == 1:
        return next(iter(arrays.values()))
    if name not in arrays:
        known = shown(", ".join(arrays), 100)
        said = f"none is called {shown(name, 40)!r}" if name else "one must be named (--array)"
        raise ValueError(f"{path.name} holds {len(arrays)} arrays, {known}, and {said}")
    return arrays[name]
