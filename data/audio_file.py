"""Audio files in and out, at the rate a network wants."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr

from thresh.model.files import write_atomically
from thresh.model.untrusted import read_bytes, shown

from .riff import RATES, closed

SUFFIXES = (".wav", ".wave", ".flac", ".ogg", ".oga", ".opus")
"""How audio files end, in whatever case."""

UNREAD = (".mp3", ".m4a", ".aac", ".wma", ".aif", ".aiff", ".au", ".caf", ".amr", ".webm")
"""How audio files end that are not read."""

FORMATS = ("WAV", "WAVEX", "RF64", "W64", "FLAC", "OGG")
"""What is decoded, by libsndfile's names."""

LONGEST = 4 * 3600
"""Longest audio that is read, seconds."""

LOUDEST = 8.0
"""A float sample beyond this many times full scale is on another scale."""

_BLOCK = 1 << 20
"""Samples of all channels that are decoded at a time."""


def is_audio(path: Path) -> bool:
    """The file's name ends as an audio file's."""
    return path.suffix.lower() in SUFFIXES


def clips_in(folder: Path) -> list[Path]:
    """Audio files of a folder, in order of name.

    Raises
    ------
    ValueError
        When one is of a kind that is not read, so that none is left out in silence.
    """
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    if unread := [path for path in paths if path.suffix.lower() in UNREAD]:
        raise ValueError(
            f"{unread[0]} is audio of a kind that is not read: convert it to WAV, FLAC or OGG"
        )
    return [path for path in paths if is_audio(path) and not path.name.startswith("._")]


def read_audio(path: str | os.PathLike[str], rate: float) -> tuple[np.ndarray, str | None]:
    """Samples of an audio file as 16-bit mono at ``rate``.

    WAV in all its encodings, FLAC and OGG are read; 16-bit mono at ``rate`` comes back unchanged.

    Parameters
    ----------
    path : path
    rate : float
        Wanted samples per second, Hz.

    Returns
    -------
    pcm : ndarray of int16, shape (samples,)
    note : str or None
        What was converted, for people; None when channels, rate and loudness were as wanted.

    Raises
    ------
    ValueError
        When the file cannot be decoded whole, in one sentence.
    OSError
        When it cannot be opened.
    """
    name = shown(Path(path).name, 80)
    content = read_bytes(Path(path))
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        content = closed(content, name)
    elif content[:4] not in (b"RF64", b"riff", b"fLaC", b"OggS"):
        raise ValueError(
            f"{name} is not a WAV file, nor FLAC or OGG: it begins with none of their headers"
        )
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            return _converted(file, rate, name)
    except (soundfile.LibsndfileError, TypeError, AssertionError) as error:
        text = shown(getattr(error, "error_string", error), 120)
        raise ValueError(f"{name} cannot be decoded: {text}") from error


def write_wav(path: str | os.PathLike[str], pcm: np.ndarray, rate: int) -> None:
    """Write int16 mono ``pcm`` as a WAV file, whole or not at all."""
    content = io.BytesIO()
    soundfile.write(content, np.asarray(pcm, np.int16), rate, subtype="PCM_16", format="WAV")
    write_atomically(path, content.getvalue())


def to_int16(samples: np.ndarray) -> np.ndarray:
    """Nearest int16 of samples in 16-bit steps, halves upwards, clipped."""
    return np.clip(np.floor(samples + 0.5), -32768, 32767).astype(np.int16)


def resample(samples: np.ndarray, came: float, wanted: float) -> np.ndarray:
    """Band-limited samples at another rate.

    Parameters
    ----------
    samples : ndarray, shape (samples,)
    came, wanted : float
        Rates, Hz.

    Returns
    -------
    ndarray of float64, shape (about samples * wanted / came,)
    """
    return soxr.resample(np.asarray(samples, np.float64), came, wanted, quality="VHQ")


def _converted(file: soundfile.SoundFile, rate: float, name: str) -> tuple[np.ndarray, str | None]:
    came, channels = file.samplerate, file.channels
    if file.format not in FORMATS:
        raise ValueError(f"{name} is {file.format}, and {', '.join(FORMATS)} are read")
    if not RATES[0] <= came <= RATES[1]:
        raise ValueError(f"{name} must have a rate of {RATES[0]} to {RATES[1]} Hz, not {came} Hz")
    parts, notes, beyond = [], [], 0
    for mono in _at_rate(_blocks(file, name), came, rate):
        beyond += int(((mono < -32768.5) | (mono > 32768)).sum())
        parts.append(to_int16(mono))
    if not parts:
        raise ValueError(f"{name} holds no samples")
    pcm = np.concatenate(parts)
    if channels > 1:
        notes.append(f"{channels} channels mixed down to one")
    if came != rate:
        notes.append(f"resampled from {came} Hz to {rate:g} Hz")
    if beyond:
        notes.append(f"{beyond} of {len(pcm)} samples beyond full scale clipped")
    return pcm, f"{name}: {', '.join(notes)}" if notes else None


def _at_rate(blocks: Iterator[np.ndarray], came: float, rate: float) -> Iterator[np.ndarray]:
    """Blocks at another rate, as `resample` makes them of all at once."""
    if came == rate:
        yield from blocks
        return
    stream = soxr.ResampleStream(came, rate, 1, dtype="float64", quality="VHQ")
    fed = False
    for block in blocks:
        fed = True
        yield stream.resample_chunk(np.ascontiguousarray(block))
    if fed:
        yield stream.resample_chunk(np.zeros(0), last=True)


def _blocks(file: soundfile.SoundFile, name: str) -> Iterator[np.ndarray]:
    """Blocks of mono samples in 16-bit steps, shape (samples,)."""
    most = LONGEST * file.samplerate
    total, said = 0, file.frames
    if said > most:
        raise ValueError(f"{name} is longer than the {LONGEST} seconds that are read")
    while len(block := file.read(max(1, _BLOCK // file.channels), "float64", always_2d=True)):
        if not np.isfinite(block).all():
            raise ValueError(f"{name} must hold finite samples, not NaN or infinity")
        if (peak := float(np.abs(block).max())) > LOUDEST:
            raise ValueError(
                f"{name} holds float samples up to {peak:.6g}, and full scale is 1: divide them by "
                f"what their full scale is, 32768 for 16 bits"
            )
        total += len(block)
        if total > most:
            raise ValueError(f"{name} is longer than the {LONGEST} seconds that are read")
        yield (block.mean(axis=1) if file.channels > 1 else block[:, 0]) * 32768.0
    if total < said:
        raise ValueError(f"{name} is truncated: it should hold {said} samples and has {total}")
