"""A user's own labelled sequences as integers in three parts, ready for training."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from thresh.audio.front_end import FrontEnd
from thresh.data.audio_file import read_audio
from thresh.data.labelled import (
    Labelled,
    class_folders,
    folder_digest,
    labelled_arrays,
    split_by_seed,
)
from thresh.model.files import read_arrays
from thresh.model.input_scaling import InputScaling
from thresh.model.qformat import QFormat
from thresh.model.quantise import input_frac

from .settings import Settings

HALF = (1 << 14) - 1
"""Largest magnitude of an input, so that no delta between two clips."""

UNEVEN = 30
"""Ratio of the inputs' deviations from which on they are scaled."""


@dataclass(frozen=True, kw_only=True, eq=False)
class UserData:
    """Sequences of integers, their classes, and how they are split.

    Parameters
    ----------
    name : str
    sequences : list of ndarray of int16, each of shape (frames, inputs)
    labels : ndarray of int64, shape (sequences,)
        Class numbers.
    classes : tuple of str
    parts : dict of list of int
        Places of the sequences of ``train``, ``validation`` and ``test``, which may be empty.
    frac : int
        Fraction bits with which training reads the integers: the largest is 2 to 4.
    x_frac : int
        Fraction bits that they have in the user's own unit, after the scaling.
    front_end : dict
        Of audio; empty for arrays.
    scaling : InputScaling or None
        Of arrays whose inputs are far from alike or far from zero.
    split : dict
        The note of a model file from which others find the same parts.
    notes : tuple of str
        What people should know of their data.
    """

    name: str
    sequences: list[np.ndarray]
    labels: np.ndarray
    classes: tuple[str, ...]
    parts: dict[str, list[int]]
    frac: int
    x_frac: int
    front_end: dict[str, Any] = field(default_factory=dict)
    scaling: InputScaling | None = None
    split: dict[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def deviation(self) -> float:
        """Standard deviation of the training inputs, as training reads them."""
        values = np.concatenate([self.sequences[place] for place in self.parts["train"]])
        return float(values.std()) / 2.0**self.frac


def load_user_data(path: Path, settings: Settings) -> UserData:
    """Labelled sequences of a ``.npz``, or of a folder of audio files by class.

    Raises
    ------
    ValueError, OSError
        When the layout is not that of `thresh.data.labelled`, or nothing can be learned from it,
        in one sentence.
    """
    if path.is_dir():
        return _load_folder(path, settings)
    if path.suffix.lower() != ".npz":
        path.stat()
        raise ValueError(
            f"{path} must be a .npz or a folder with one folder of audio files per class"
        )
    return _load_arrays(path, settings)


def _load_arrays(path: Path, settings: Settings) -> UserData:
    data = labelled_arrays(read_arrays(path), path.name)
    if data.targets:
        raise ValueError(
            f"labels of {path.name} are floats, and training needs classes: give numbers from 0, "
            f"or names"
        )
    names = data.names()
    classes = data.classes or _classes(data)
    _refuse_classes(path.name, classes, names)
    real = [x.astype(np.float64) for x in data.sequences]
    places = _split(settings, names)["train"]
    scaling, note = _scaling(np.concatenate([real[place] for place in places]))
    if scaling is not None:
        real = [scaling.apply(x) for x in real]
    integers, x_frac = _integers(real, path.name)
    largest = max(int(np.abs(x).max()) for x in integers)
    return _made(
        path, settings, [x.astype(np.int16) for x in integers], names, classes, data.digest,
        frac=largest.bit_length() - 2, x_frac=x_frac, scaling=scaling,
        notes=(note,) if scaling else (),
    )  # fmt: skip


def _load_folder(path: Path, settings: Settings) -> UserData:
    clips = class_folders(path)
    classes = tuple(
        inner.name for inner in sorted(path.iterdir())
        if inner.is_dir() and not inner.name.startswith(".")
    )  # fmt: skip
    names = [name for _, name in clips]
    if not clips:
        raise ValueError(f"{path} must hold one folder of audio files per class")
    _refuse_classes(path.name, classes, names)
    raw = FrontEnd()
    read = [read_audio(clip, raw.rate) for clip, _ in clips]
    for (clip, _), (pcm, _) in zip(clips, read, strict=True):
        if raw.frames(len(pcm)) == 0:
            raise ValueError(
                f"{clip.name} is too short: {len(pcm)} samples, and a frame needs {raw.window}"
            )
    parts = _split(settings, names)
    logs = [raw.log_mel(pcm) for pcm, _ in read]
    front_end = raw.fitted(np.concatenate([logs[place] for place in parts["train"]]))
    changed = sum(note is not None for _, note in read)
    return _made(
        path, settings, [front_end.normalise(one).astype(np.int16) for one in logs], names, classes,
        folder_digest(clips), frac=front_end.x_frac, x_frac=front_end.x_frac,
        front_end=front_end.to_dict(),
        notes=(f"{changed} of {len(clips)} clips were mixed or resampled",) if changed else (),
    )  # fmt: skip


def _made(
    path: Path, settings: Settings, sequences: list[np.ndarray], names: list[str],
    classes: tuple[str, ...], digest: int, **more: Any,
) -> UserData:  # fmt: skip
    shares = {name: getattr(settings, name) for name in ("seed", "validation", "test")}
    return UserData(
        name=settings.name or path.stem,
        sequences=sequences,
        labels=np.array([classes.index(name) for name in names]),
        classes=classes,
        parts=_split(settings, names),
        split=shares | {"digest": digest},
        **more,
    )


def _split(settings: Settings, names: list[str]) -> dict[str, list[int]]:
    return split_by_seed(
        names, seed=settings.seed, validation=settings.validation, test=settings.test
    )


def _classes(data: Labelled) -> tuple[str, ...]:
    """Names of classes where the file lists none: those in use, or all numbers to the largest."""
    if isinstance(data.labels[0], str):
        return tuple(sorted(set(data.labels)))
    return tuple(map(str, range(max(data.labels) + 1)))


def _refuse_classes(name: str, classes: tuple[str, ...], names: list[str]) -> None:
    used = set(names)
    if len(used) < 2:
        raise ValueError(
            f"{name} holds sequences of one class only, {names[0]}: there is nothing to learn"
        )
    if unused := [one for one in classes if one not in used]:
        raise ValueError(f"Class {unused[0]} of {name} has no sequences")


def _integers(sequences: list[np.ndarray], name: str) -> tuple[list[np.ndarray], int]:
    """Sequences as integers of at most `HALF`, and their fraction bits."""
    largest = max(float(np.abs(x).max()) for x in sequences)
    if largest == 0:
        raise ValueError(f"x of {name} is zero everywhere")
    x_frac = input_frac(largest, 16)
    form = QFormat(bits=16, frac=x_frac)
    return [form.quantise(x) for x in sequences], x_frac


def _scaling(frames: np.ndarray) -> tuple[InputScaling | None, str]:
    """The scaling that makes inputs alike and centred, with its reason; None where they are."""
    spread, centre = frames.std(axis=0), np.abs(frames.mean(axis=0))
    used = spread[spread > 0]
    if used.size and used.max() > UNEVEN * used.min():
        why = f"their standard deviations differ by {used.max() / used.min():.0f} times"
    elif used.size and (centre > 3 * frames.std()).any():
        why = "some are far from zero"
    else:
        return None, ""
    return InputScaling.fitted(frames), (
        f"each input is scaled by its mean and deviation, which the model file keeps, as {why}"
    )
