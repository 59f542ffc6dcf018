"""Free Spoken Digit Dataset: where it is, and its recordings."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thresh.data.audio_file import read_audio
from thresh.data.inputs import TAKES

ENVIRONMENT = "THRESH_DATA"
"""Environment variable that names the data directory."""

ORIGIN = "https://github.com/Jakobovski/free-spoken-digit-dataset"
"""Where the set comes from; licence CC BY-SA 4.0."""

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
"""Class names in order."""


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One spoken digit.

    Parameters
    ----------
    pcm : ndarray of int16, shape (samples,)
        Mono.
    digit : int
    speaker : str
    take : int
        The speaker's number of it.
    """

    pcm: np.ndarray
    digit: int
    speaker: str
    take: int = 0


def data_directory(given: str | os.PathLike[str] | None = None) -> Path:
    """The folder of FSDD recordings: ``given``, else `ENVIRONMENT`, with or without its subfolder.

    Raises
    ------
    ValueError
        When neither names a folder with recordings; says where the set comes from.
    """
    place = given or os.environ.get(ENVIRONMENT)
    if place:
        for folder in (Path(place), Path(place) / "recordings", Path(place) / "fsdd/recordings"):
            if next(folder.glob("[0-9]_*_*.wav"), None):
                return folder
    came = f"{place} holds no recordings" if place else "no directory is given"
    raise ValueError(
        f"The Free Spoken Digit Dataset is needed, but {came}: clone {ORIGIN} and name its folder "
        f"with --data or {ENVIRONMENT}"
    )


def load_fsdd(directory: Path, split: str, rate: int = 8000) -> list[Recording]:
    """Recordings of a split in order of file name.

    Parameters
    ----------
    directory : Path
        From `data_directory`.
    split : str
        One of `thresh.data.inputs.TAKES`.
    rate : int
        Samples per second, Hz.
    """
    if split not in TAKES:
        raise ValueError(f"The split must be one of {', '.join(TAKES)}, not {split!r}")
    chosen = []
    for path in sorted(directory.glob("*.wav")):
        name = re.fullmatch(r"([0-9])_(.+)_([0-9]+)", path.stem)
        if name and int(name[3]) in TAKES[split]:
            pcm, _ = read_audio(path, rate)
            chosen.append(
                Recording(pcm=pcm, digit=int(name[1]), speaker=name[2], take=int(name[3]))
            )
    return chosen
