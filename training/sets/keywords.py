"""Keywords: the published test set of Speech Commands, twelve classes, many microphones."""

import os
import re
import zlib
from dataclasses import dataclass

import numpy as np

from thresh.data.audio_file import clips_in, read_audio

from .find import folder_of

ORIGIN = (
    "the test set of Speech Commands v0.02 (https://arxiv.org/abs/1804.03209) as one folder of "
    "FLAC files per class, as in https://github.com/thegtagamer/PICO-tinyML-benchmark"
)
"""Where the set comes from; licence CC BY 4.0."""

WORDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
SILENCE, UNKNOWN = "_silence_", "_unknown_"
CLASSES = (SILENCE, UNKNOWN, *WORDS)
"""Folders, in the order of their numbers."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Clip:
    """One second of sound.

    Parameters
    ----------
    pcm : ndarray of int16, shape (samples,)
    label : int
        Place in `CLASSES`.
    speaker : str
        The hash in its name, or the whole name where nobody speaks.
    """

    pcm: np.ndarray
    label: int
    speaker: str


def speaker_of(name: str) -> str:
    """Speaker of a file's name without its ending: ``HASH_nohash_N`` or ``word_HASH_nohash_N``."""
    found = re.fullmatch(r"(?:[a-z]+_)?([0-9a-f]{8})_nohash_[0-9]+", name)
    return found[1] if found else name


def split_of(speaker: str) -> str:
    """``test`` for a tenth of all speakers, ``validation`` for another, else ``train``."""
    return {0: "test", 1: "validation"}.get(zlib.crc32(speaker.encode()) % 10, "train")


def load_keywords(directory: str | os.PathLike[str] | None, rate: int) -> list[Clip]:
    """Every clip, in order of class and name.

    Clips that are copies of another belong to the speaker of the first, so that no split and no
    fold holds one on two sides.

    Parameters
    ----------
    directory : path or None
    rate : int
        Samples per second, Hz.

    Raises
    ------
    ValueError
        When a class's folder is missing or empty.
    """
    home = folder_of(directory, "keywords", CLASSES, ORIGIN)
    clips: list[Clip] = []
    speakers: dict[bytes, str] = {}
    for label, name in enumerate(CLASSES):
        paths = clips_in(home / name)
        if not paths:
            raise ValueError(f"{home / name} holds no clips")
        for path in paths:
            pcm, _ = read_audio(path, rate)
            speaker = speakers.setdefault(pcm.tobytes(), speaker_of(path.stem))
            clips.append(Clip(pcm=pcm, label=label, speaker=speaker))
    return clips
