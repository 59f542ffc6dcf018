"""WAV files in and out, at the rate a network wants."""

import io
import os
import struct
import wave
from math import gcd
from pathlib import Path

import numpy as np

from thresh.model.files import write_atomically

RATES = (1000, 384_000)
"""Sample rates that are read, Hz."""

ZERO_CROSSINGS = 24
"""Zero crossings of the resampling filter on each side of its centre."""

ROLL_OFF = 0.94
"""Cut-off of the resampling filter, of the lower Nyquist frequency."""

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE


def read_wav(path: str | os.PathLike[str], rate: int) -> tuple[np.ndarray, str | None]:
    """Samples of a WAV file as 16-bit mono at ``rate``.

    PCM of 8, 16, 24 or 32 bits and float of 32 or 64 bits are read; 16-bit mono at ``rate`` comes
    back unchanged.

    Parameters
    ----------
    path : path of a RIFF WAVE file
    rate : int
        Wanted samples per second, Hz.

    Returns
    -------
    pcm : ndarray of int16, shape (samples,)
    note : str or None
        What was converted, for people; None when channels and rate were as wanted.

    Raises
    ------
    ValueError
        When the file is not a readable WAV file, in one sentence.
    OSError
        When it cannot be opened.
    """
    name = Path(path).name
    data, came, channels, kind, bits = _chunks(Path(path).read_bytes(), name)
    samples = _samples(data, kind, bits, name).reshape(-1, channels)
    if len(samples) == 0:
        raise ValueError(f"{name} holds no samples")
    notes = []
    if channels > 1:
        notes.append(f"{channels} channels mixed down to one")
    mono = samples.mean(axis=1) if channels > 1 else samples[:, 0]
    if came != rate:
        mono = resample(mono, came, rate)
        notes.append(f"resampled from {came} Hz to {rate} Hz")
    return to_int16(mono), f"{name}: {', '.join(notes)}" if notes else None


def write_wav(path: str | os.PathLike[str], pcm: np.ndarray, rate: int) -> None:
    """Write int16 mono ``pcm`` as a WAV file, whole or not at all."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.asarray(pcm, "<i2").tobytes())
    write_atomically(path, content.getvalue())


def to_int16(samples: np.ndarray) -> np.ndarray:
    """Nearest int16 of samples in 16-bit steps, halves upwards, clipped."""
    return np.clip(np.floor(samples + 0.5), -32768, 32767).astype(np.int16)


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
    up, down = wanted // gcd(came, wanted), came // gcd(came, wanted)
    cutoff = ROLL_OFF * min(1.0, wanted / came)
    reach = int(np.ceil(ZERO_CROSSINGS / cutoff))
    offsets = np.arange(-reach, reach + 1)
    count = -(-len(samples) * up // down)
    padded = np.concatenate((np.zeros(reach), np.asarray(samples, np.float64), np.zeros(reach + 1)))
    output = np.empty(count)
    for first in range(0, min(up, count)):
        base, phase = divmod(first * down, up)
        distance = offsets - phase / up
        taps = np.sinc(distance * cutoff) * np.cos(np.pi / 2 * distance / (reach + 1)) ** 2
        starts = np.lib.stride_tricks.sliding_window_view(padded[base:], len(taps))[::down]
        number = len(output[first::up])
        output[first::up] = starts[:number] @ (taps / taps.sum())
    return output


def _chunks(content: bytes, name: str) -> tuple[bytes, int, int, int, int]:
    """Data, rate, channels, sample kind and bits of a RIFF file.

    The standard library's reader refuses float and, before Python 3.12, extensible headers.
    """
    if len(content) < 12 or content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise ValueError(f"{name} is not a WAV file: it does not begin with a RIFF WAVE header")
    place, form = 12, None
    while place + 8 <= len(content):
        kind, size = content[place : place + 4], struct.unpack_from("<I", content, place + 4)[0]
        body = content[place + 8 : place + 8 + size]
        if len(body) < size:
            label = kind.decode("latin-1").strip()
            raise ValueError(
                f"{name} is truncated: its {label} chunk should hold {size} bytes and has "
                f"{len(body)}"
            )
        if kind == b"fmt ":
            form = _format(body, name)
        elif kind == b"data":
            if form is None:
                raise ValueError(f"{name} is not a valid WAV file: its data precede the format")
            rate, channels, code, bits = form
            if size % (channels * bits // 8):
                raise ValueError(f"{name} is truncated: its data end within a sample")
            return body, rate, channels, code, bits
        place += 8 + size + size % 2
    raise ValueError(f"{name} is truncated: it has no audio data")


def _format(body: bytes, name: str) -> tuple[int, int, int, int]:
    if len(body) < 16:
        raise ValueError(f"{name} is truncated: its format chunk should hold 16 bytes or more")
    code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if code == _EXTENSIBLE and len(body) >= 26:
        code = struct.unpack_from("<H", body, 24)[0]
    if (code, bits) not in [(_PCM, n) for n in (8, 16, 24, 32)] + [(_FLOAT, 32), (_FLOAT, 64)]:
        raise ValueError(
            f"{name} must hold PCM of 8, 16, 24 or 32 bits or float of 32 or 64 bits, not "
            f"{bits} bits of format {code}"
        )
    if channels == 0 or not RATES[0] <= rate <= RATES[1]:
        raise ValueError(
            f"{name} must have a channel and a rate of {RATES[0]} to {RATES[1]} Hz, not "
            f"{channels} channels at {rate} Hz"
        )
    return rate, channels, code, bits


def _samples(data: bytes, kind: int, bits: int, name: str) -> np.ndarray:
    """Samples in 16-bit steps, float64."""
    if kind == _FLOAT:
        values = np.frombuffer(data, f"<f{bits // 8}").astype(np.float64)
        if not np.isfinite(values).all():
            raise ValueError(f"{name} must hold finite samples, not NaN or infinity")
        return values * 32768.0
    if bits == 8:
        return (np.frombuffer(data, np.uint8).astype(np.float64) - 128.0) * 256.0
    if bits == 24:
        wide = np.zeros((len(data) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        return wide.view("<i4")[:, 0] / 65536.0
    return np.frombuffer(data, f"<i{bits // 8}") / 2.0 ** (bits - 16)
