"""Inputs of a network from files: audio clips, folders of them, or numbers."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from thresh.audio.front_ends import read_front_end
from thresh.model.decision import class_names
from thresh.model.network import Network
from thresh.model.untrusted import shown

from .arrays import holds_arrays, load_arrays
from .audio_file import clips_in, read_audio
from .labelled import (
    class_folders,
    folder_digest,
    split_by_seed,
)

SPLITS = ("all", "train", "validation", "test")
"""Parts of a folder in FSDD's naming, or of the data that a model was trained on."""

TAKES = {"test": range(5), "validation": range(5, 8), "train": range(8, 1000)}
"""Takes of each speaker and digit in FSDD's naming, which ends at 49.

The test is the data set's own split; the validation is carved out of its training, so that `train`
is what a network of the project was trained on.
"""

NOTE = "split"
"""Key of a model file's notes: how the data that it was trained on was split."""

RAW_HINT = " (integers are numbers; --raw-inputs takes them as they stand in the format)"
"""What is said where integers clip that may have been meant otherwise."""

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """One input sequence.

    Parameters
    ----------
    name : str
    x : ndarray of int64, shape (frames, inputs)
        In the first layer's input format.
    label : str or None
        The class that its name or its file promises, where one does.
    note : str or None
        What was converted on the way, for people.
    target : ndarray of float, shape (outputs,) or (frames, outputs), or None
        Outputs wanted of the last step or of every step, where the file holds them.
    """

    name: str
    x: np.ndarray
    label: str | None = None
    note: str | None = None
    target: np.ndarray | None = None


def load_inputs(
    path: Path,
    network: Network,
    *,
    split: str = "all",
    limit: int | None = None,
    raw: bool = False,
) -> list[Sequence]:
    """Sequences of ``path`` for ``network``.

    Parameters
    ----------
    path : Path
        An audio file; a folder of them (or with a ``recordings`` folder of them, or one folder per
        class); a file of numbers as `thresh.data.arrays.load_arrays` has it, in the unit in which
        the network was trained: integers are numbers as floats are.
    split : str
        One of `SPLITS`, for folders in FSDD's naming and for what ``network`` was trained on; one
        recording is in none.
    limit : int, optional
        Keep so many, evenly spread over the whole list.
    raw : bool
        The numbers are integers in the first layer's input format already.

    Raises
    ------
    ValueError, OSError
        When ``path`` holds no input of this network, in one sentence.
    """
    if split not in SPLITS:
        raise ValueError(f"The split must be one of {', '.join(SPLITS)}, not {split!r}")
    if path.is_dir():
        if clips := class_folders(path):
            labels = [label for _, label in clips]
            refuse_unknown(labels, network, path)
            places = _part(path, network, split, labels, folder_digest(clips))
            chosen = spread([clips[place] for place in places], limit)
            return [replace(load_audio(clip, network), label=label) for clip, label in chosen]
        paths = spread(_recordings(path, split), limit)
        return [load_audio(clip, network) for clip in paths]
    if holds_arrays(path):
        return spread(_load_arrays(path, network, split, raw), limit)
    if raw:
        raise ValueError(f"{path.name} is audio, and raw inputs are integers of a NumPy file")
    if split != "all":
        raise NoSplit(f"{path.name} is one recording and has no {split} split: use all of it")
    return [load_audio(path, network)]


def real_sequences(path: Path, inputs: int) -> list[np.ndarray]:
    """Sequences of a file of numbers as float64, each of shape (frames, inputs).

    Raises
    ------
    ValueError, OSError
        As `thresh.data.arrays.load_arrays`.
    """
    if not holds_arrays(path):
        path.stat()
        raise ValueError(f"{path.name} must be a .npy, .npz or .csv of recorded sequences")
    return [x.astype(np.float64) for x in load_arrays(path, inputs).sequences]


def validation_split(path: Path, network: Network) -> str:
    """The part of ``path`` that thresholds may be chosen on: its validation split, else all."""
    try:
        if path.is_dir() and not class_folders(path):
            _recordings(path, "validation")
        else:
            load_inputs(path, network, split="validation", limit=1)
    except NoSplit:
        return "all"
    return "validation"


def load_audio(path: Path, network: Network) -> Sequence:
    """Features of one audio file; its label is its name's first word, where that is a class."""
    if not network.front_end:
        raise ValueError(
            f"{path.name} is audio, but {network.name} has no front end: give a .npy or .npz of "
            f"{network.inputs} inputs per frame"
        )
    front_end = read_front_end(network.front_end)
    pcm, note = read_audio(path, front_end.rate)
    x = front_end.features(pcm)
    if len(x) == 0:
        raise ValueError(
            f"{path.name} is too short: {len(pcm)} samples, and a frame needs {front_end.window}"
        )
    return Sequence(name=path.name, x=x, label=label_of(path.stem, network.classes), note=note)


def label_of(stem: str, classes: tuple[str, ...]) -> str | None:
    """The class that a file's name begins with, by name or by number: ``7_jackson_3`` is seven."""
    word = stem.partition("_")[0]
    if word in classes:
        return word
    if word.isdecimal() and int(word) < len(classes):
        return classes[int(word)]
    return None


def spread(items: list[T], limit: int | None) -> list[T]:
    """``limit`` of ``items``, evenly spaced; all when there are no more."""
    if limit is None or limit >= len(items):
        return items
    if limit < 1:
        raise ValueError(f"The limit must be at least 1, not {limit}")
    return [items[place * len(items) // limit] for place in range(limit)]


class NoSplit(ValueError):
    """Data that has no such part."""


def _part(path: Path, network: Network, split: str, labels: list[str], digest: int) -> list[int]:
    """Places of a part of what ``network`` was trained on."""
    if split == "all":
        return list(range(len(labels)))
    note = network.notes.get(NOTE)
    if not isinstance(note, dict) or note.get("digest") != digest:
        raise NoSplit(
            f"{path} has no {split} split, as it is not what {network.name} was trained on: "
            f"use all of it"
        )
    try:
        parts = split_by_seed(
            labels, seed=note["seed"], validation=note["validation"], test=note["test"]
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"The model's note of its split is damaged: {error!r}") from error
    if not parts[split]:
        raise NoSplit(f"{network.name} was trained without a {split} split")
    return parts[split]


def _recordings(folder: Path, split: str) -> list[Path]:
    inner = folder / "recordings"
    paths = clips_in(inner if inner.is_dir() else folder)
    if split != "all":
        paths = [path for path in paths if _take(path) in TAKES[split]]
    if not paths:
        part = "" if split == "all" else f" of the {split} split"
        raise (ValueError if split == "all" else NoSplit)(
            f"{folder} holds no audio files (.wav, .flac, .ogg){part}"
        )
    return paths


def _take(path: Path) -> int:
    take = path.stem.rpartition("_")[2]
    if not take.isdecimal():
        raise NoSplit(
            f"{path.name} has no take number at its end, so it belongs to no split: "
            f"names must look like 7_jackson_3.wav"
        )
    return int(take)


def _load_arrays(path: Path, network: Network, split: str, raw: bool) -> list[Sequence]:
    found = load_arrays(path, network.inputs)
    data = found.labelled
    if data is None and split != "all":
        raise NoSplit(f"{path} has no {split} split, as it holds no labels: use all of it")
    labels = data.names(network.classes) if data else []
    refuse_unknown(labels, network, path)
    places = list(range(len(found.sequences)))
    if data is not None:
        places = _part(path, network, split, labels or [""] * len(places), data.digest)
    items = []
    for place in places:
        name, values = found.names[place], found.sequences[place]
        x, note = _raw(name, values, network) if raw else scaled(name, values, network)
        items.append(
            Sequence(
                name=name,
                x=x,
                label=labels[place] if labels else None,
                note=note,
                target=data.targets[place] if data and data.targets else None,
            )
        )
    return items


def refuse_unknown(labels: Collection[str], network: Network, path: Path) -> None:
    """Refuse labels that are no class of a network that decides for one.

    Raises
    ------
    ValueError
        With the first such label and the classes.
    """
    names = class_names(network)
    if network.decision not in ("last", "mean"):
        return
    for label in labels:
        if label not in names:
            known = ", ".join(names) if len(names) <= 10 else f"{names[0]} to {names[-1]}"
            raise ValueError(
                f"{path.resolve().name} has the label {shown(label, 40)!r}, which is none of the "
                f"{len(names)} classes of {network.name} ({shown(known, 100)}): name them as the "
                f"labels do, with --classes of thresh import"
            )


def scaled(name: str, values: np.ndarray, network: Network) -> tuple[np.ndarray, str | None]:
    """Numbers in their own unit as integers of the input format, and how many clipped."""
    x = network.input_integers(values)
    real = values.astype(np.float64)
    if network.scaling is not None:
        real = network.scaling.apply(real)
    with np.errstate(over="ignore"):
        moved = np.abs(network.input_format.real(x) - real) * 2.0**network.input_format.frac
    clipped = int((moved > 1).sum())
    if not clipped:
        return x, None
    return x, (
        f"{name}: {clipped} of {x.size} inputs lie beyond {network.input_format} and are clipped"
        + (RAW_HINT if values.dtype.kind in "iu" else "")
    )


def _raw(name: str, values: np.ndarray, network: Network) -> tuple[np.ndarray, None]:
    """Integers that are in the input format already."""
    form = network.input_format
    if values.dtype.kind == "f":
        raise ValueError(f"{name} holds floats, and raw inputs are integers in {form}")
    if values.min() < form.lowest or values.max() > form.highest:
        raise ValueError(
            f"{name} must lie in {form.lowest} to {form.highest} for {network.value_bits}-bit "
            f"values, not {values.min()} to {values.max()}"
        )
    return values.astype(np.int64), None
