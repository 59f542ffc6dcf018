"""Inputs of a network from files: audio clips, folders of them, or arrays."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from thresh.audio.front_ends import read_front_end
from thresh.model.files import read_arrays
from thresh.model.network import Network
from thresh.model.qformat import QFormat

from .audio_file import clips_in, read_audio
from .labelled import (
    class_folders,
    folder_digest,
    is_labelled,
    labelled_arrays,
    split_by_seed,
)

SPLITS = ("all", "train", "validation", "test")
"""Parts of a folder in FSDD's naming, or of the data that a model was trained on."""

TAKES = {"train": range(5, 1000), "validation": range(5, 8), "test": range(5)}
"""Takes of each speaker and digit in FSDD's naming; the validation is carved out of training."""

NOTE = "split"
"""Key of a model file's notes: how the data that it was trained on was split."""

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
    path: Path, network: Network, *, split: str = "all", limit: int | None = None
) -> list[Sequence]:
    """Sequences of ``path`` for ``network``.

    Parameters
    ----------
    path : Path
        A WAV file; a folder of WAV files (or with a ``recordings`` folder of them, or one folder
        per class); a ``.npy`` or ``.npz`` of sequences, each of shape (frames, inputs), or
        (sequences, frames, inputs); a ``.npz`` as `thresh.data.labelled` has it.
        Integers are used as they are, floats are quantised to the input format.
    split : str
        One of `SPLITS`, for folders in FSDD's naming and for what ``network`` was trained on.
    limit : int, optional
        Keep so many, evenly spread over the whole list.

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
            places = _part(path, network, split, labels, folder_digest(clips))
            chosen = spread([clips[place] for place in places], limit)
            return [replace(load_audio(clip, network), label=label) for clip, label in chosen]
        paths = spread(_recordings(path, split), limit)
        return [load_audio(clip, network) for clip in paths]
    if path.suffix.lower() in (".npy", ".npz"):
        return spread(_load_arrays(path, network, split), limit)
    return [load_audio(path, network)]


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
    """Features of one WAV file; its label is the first word of its name, where that is a class."""
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


def _load_arrays(path: Path, network: Network, split: str) -> list[Sequence]:
    arrays = read_arrays(path)
    if is_labelled(arrays):
        return _load_labelled(path, arrays, network, split)
    if split != "all":
        raise NoSplit(f"{path} has no {split} split, as it holds no labels: use all of it")
    found = [item for name, array in arrays.items() for item in _sequences(name, array, network)]
    if not found:
        raise ValueError(f"{path} holds no sequences")
    return found


def _load_labelled(
    path: Path, arrays: dict[str, np.ndarray], network: Network, split: str
) -> list[Sequence]:
    data = labelled_arrays(arrays, path.name)
    labels = data.names(network.classes)
    places = _part(path, network, split, labels or [""] * len(data.sequences), data.digest)
    found = []
    for place in places:
        (item,) = _sequences(f"x[{place}]", data.sequences[place], network)
        label = labels[place] if labels else None
        target = data.targets[place] if data.targets else None
        found.append(replace(item, label=label, target=target))
    return found


def _sequences(name: str, array: np.ndarray, network: Network) -> Iterable[Sequence]:
    if array.ndim not in (2, 3) or array.shape[-1] != network.inputs or 0 in array.shape:
        raise ValueError(
            f"{name} must have shape (frames, {network.inputs}) or "
            f"(sequences, frames, {network.inputs}), not {array.shape}"
        )
    x = _integers(name, array, network)
    if x.ndim == 2:
        return [Sequence(name=name, x=x)]
    return [Sequence(name=f"{name}[{place}]", x=part) for place, part in enumerate(x)]


def _integers(name: str, array: np.ndarray, network: Network) -> np.ndarray:
    form = QFormat(bits=network.value_bits, frac=network.layers[0].x_frac)
    if np.issubdtype(array.dtype, np.floating):
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds values that are not finite")
        return form.quantise(array)
    if not np.issubdtype(array.dtype, np.integer):
        raise ValueError(f"{name} must hold integers or floats, not {array.dtype}")
    if array.min() < form.lowest or array.max() > form.highest:
        raise ValueError(
            f"{name} must lie in {form.lowest} to {form.highest} for {network.value_bits}-bit "
            f"values, not {array.min()} to {array.max()}"
        )
    return array.astype(np.int64)
