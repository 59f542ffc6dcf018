"""Inputs of a network from files: audio clips, folders of them, or arrays."""

import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from thresh.model.audio import read_wav
from thresh.model.front_end import FrontEnd
from thresh.model.network import Network
from thresh.model.qformat import QFormat

SPLITS = ("all", "train", "test")
"""Parts of a folder in FSDD's naming: takes 0 to 4 of each speaker and digit are the test."""

TEST_TAKES = 5

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
        The class its name promises, where it does.
    note : str or None
        What was converted on the way, for people.
    """

    name: str
    x: np.ndarray
    label: str | None = None
    note: str | None = None


def load_inputs(
    path: Path, network: Network, *, split: str = "all", limit: int | None = None
) -> list[Sequence]:
    """Sequences of ``path`` for ``network``.

    Parameters
    ----------
    path : Path
        A WAV file; a folder of WAV files (or with a ``recordings`` folder of them); a ``.npy`` or
        ``.npz`` of sequences, each of shape (frames, inputs), or (sequences, frames, inputs).
        Integers are used as they are, floats are quantised to the input format.
    split : str
        One of `SPLITS`, for folders.
    limit : int, optional
        Keep so many, evenly spread over the whole list.

    Raises
    ------
    ValueError, OSError
        When ``path`` holds no input of this network, in one sentence.
    """
    if path.is_dir():
        paths = spread(_recordings(path, split), limit)
        return [load_audio(clip, network) for clip in paths]
    if path.suffix.lower() in (".npy", ".npz"):
        return spread(_load_arrays(path, network), limit)
    return [load_audio(path, network)]


def load_audio(path: Path, network: Network) -> Sequence:
    """Features of one WAV file; its label is the first word of its name, where that is a class."""
    if not network.front_end:
        raise ValueError(
            f"{path.name} is audio, but {network.name} has no front end: give a .npy or .npz of "
            f"{network.inputs} inputs per frame"
        )
    front_end = FrontEnd.from_dict(network.front_end)
    pcm, note = read_wav(path, front_end.rate)
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


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Arrays of a ``.npz``, or the one of a ``.npy`` under the file's name.

    Raises
    ------
    ValueError
        When the file is damaged or holds Python objects.
    """
    try:
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            return {path.stem: loaded} if isinstance(loaded, np.ndarray) else dict(loaded)
    except (ValueError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path} is not a whole NumPy file: {error}") from error


def _recordings(folder: Path, split: str) -> list[Path]:
    if split not in SPLITS:
        raise ValueError(f"The split must be one of {', '.join(SPLITS)}, not {split!r}")
    inner = folder / "recordings"
    paths = sorted((inner if inner.is_dir() else folder).glob("*.wav"))
    if split != "all":
        paths = [path for path in paths if _is_test(path) == (split == "test")]
    if not paths:
        part = "" if split == "all" else f" of the {split} split"
        raise ValueError(f"{folder} holds no .wav files{part}")
    return paths


def _is_test(path: Path) -> bool:
    take = path.stem.rpartition("_")[2]
    if not take.isdecimal():
        raise ValueError(
            f"{path.name} has no take number at its end, so it belongs to no split: "
            f"names must look like 7_jackson_3.wav"
        )
    return int(take) < TEST_TAKES


def _load_arrays(path: Path, network: Network) -> list[Sequence]:
    arrays = read_arrays(path)
    found = [item for name, array in arrays.items() for item in _sequences(name, array, network)]
    if not found:
        raise ValueError(f"{path} holds no sequences")
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
