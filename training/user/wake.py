"""A user's recordings of a word and of everything else, ready for training a device's network."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thresh.audio.decimator import Decimator
from thresh.data.audio_file import read_audio
from thresh.data.labelled import class_folders, folder_digest, split_by_seed
from thresh.training.device.wake import DELTA, ELSE, PLAIN, WORD, WakeWord
from thresh.training.sets.keywords import Clip
from thresh.training.tasks.spoken import device_front_end

from .data import UserData
from .settings import Settings

UNITS = 128
"""As many as the network that ships."""

DEFAULTS = Settings(
    plain=PLAIN.epochs, rate=PLAIN.rate, dropout=DELTA.dropout, delta=DELTA.epochs,
    rise=DELTA.rise, threshold_x=DELTA.threshold_x, threshold_h=DELTA.threshold_h,
    activity=DELTA.activity_h, straight=DELTA.straight, distil=DELTA.distil, units=UNITS,
    batch=WakeWord.size, quantised=4, delta_rate=PLAIN.rate * 2 / 3, quantised_rate=PLAIN.rate / 6,
)  # fmt: skip
"""Settings of a training that names none: those of the recipe, and a stage in integers."""

PIECE = 3.0
"""Seconds of a recording of everything else that are one clip."""

MICROPHONE = Decimator()
"""Of the network: PDM bits at 2 MHz to samples at 8 kHz."""


@dataclass(frozen=True, kw_only=True, eq=False)
class WakeData:
    """Recordings by part, and the task made of them.

    Parameters
    ----------
    data : UserData
        What training needs of it; its sequences are clips.
    task : WakeWord
    recordings : dict of list of (Path, bool)
        Files of ``train``, ``validation`` and ``test``, and whether each is of the word.
    """

    data: UserData
    task: WakeWord
    recordings: dict[str, list[tuple[Path, bool]]]


def load_wake_data(path: Path, word: str, settings: Settings) -> WakeData:
    """Recordings of a folder with one folder of audio files named as the word, and others.

    Every folder is shared out alike between the parts, by the seed. Recordings of everything else
    are cut into pieces of `PIECE` seconds.

    Raises
    ------
    ValueError, OSError
        When there is no such folder, nothing else, or too little, in one sentence.
    """
    if not path.is_dir():
        path.stat()
        raise ValueError(f"{path} must be a folder with one folder of audio files named {word}")
    files = class_folders(path)
    names = [name for _, name in files]
    if word not in names:
        raise ValueError(f"{path} must hold a folder of audio files named {word}")
    if set(names) == {word}:
        raise ValueError(
            f"{path} holds recordings of {word} only: a second folder of everything else is needed"
        )
    parts = split_by_seed(
        names, seed=settings.seed, validation=settings.validation, test=settings.test
    )
    sides = {
        part: [clip for place in places for clip in _clips(files[place], word)]
        for part, places in parts.items() if places
    }  # fmt: skip
    task = WakeWord(sides, word)
    task.size = settings.batch
    shares = {name: getattr(settings, name) for name in ("seed", "validation", "test")}
    sequences = [x for part in sides for (x,) in task.corpora[part].copies]
    ends = np.cumsum([0] + [len(sides[part]) for part in sides])
    data = UserData(
        name=settings.name or word,
        sequences=sequences,
        labels=np.array([clip.label for part in sides for clip in sides[part]]),
        classes=task.classes,
        parts={part: list(range(ends[n], ends[n + 1])) for n, part in enumerate(sides)},
        frac=task.front_end.x_frac,
        x_frac=task.front_end.x_frac,
        front_end=task.front_end_of(),
        split=shares | {"digest": folder_digest(files)},
    )
    recordings = {
        part: [(files[place][0], files[place][1] == word) for place in parts[part]]
        for part in sides
    }  # fmt: skip
    return WakeData(data=data, task=task, recordings=recordings)


def _clips(file: tuple[Path, str], word: str) -> list[Clip]:
    """The whole recording of a word; pieces of another, the last one left out when it is short."""
    path, name = file
    front_end = device_front_end()
    pcm, _ = read_audio(path, front_end.rate)
    if front_end.frames(len(pcm)) == 0:
        raise ValueError(
            f"{path.name} is too short: {len(pcm)} samples, and a frame needs {front_end.window}"
        )
    if name == word:
        return [Clip(pcm=pcm, label=WORD, speaker=path.name)]
    length = int(PIECE * front_end.rate)
    pieces = [pcm[start : start + length] for start in range(0, len(pcm), length)]
    long = [one for one in pieces if len(one) >= length // 4] or pieces[:1]
    return [Clip(pcm=one, label=ELSE, speaker=path.name) for one in long]
