"""Labelled sequences that people bring: one ``.npz``, or a folder of audio files by class.

An ``.npz`` holds

- ``x``: integers or floats of shape (sequences, frames, inputs), or of shape (all frames, inputs)
  with one sequence after the other;
- ``lengths``: integers of shape (sequences,), the frames of each; needed with two-dimensional
  ``x``, and with three-dimensional ``x`` where sequences are padded at their end;
- ``labels``: one per sequence, a number from 0 or a class's name; or floats, the outputs wanted of
  the last step, shape (sequences, outputs), or of every step, shaped as ``x`` with outputs instead
  of inputs;
- ``classes``, where there are names for the numbers: shape (classes,).

A folder holds one folder of audio files per class, named after it.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .audio_file import clips_in

KEYS = ("x", "labels")
"""Arrays that make an ``.npz`` one of labelled sequences."""

PARTS = ("train", "validation", "test")
"""Parts of a split."""


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """Sequences and what they are.

    Parameters
    ----------
    sequences : tuple of ndarray, each of shape (frames, inputs)
        Integers or finite floats.
    labels : tuple of str or int
        A name or number per sequence; empty with targets.
    classes : tuple of str
        Names by number; empty where the file gives none.
    targets : tuple of ndarray, each of shape (outputs,) or (frames, outputs)
        Outputs wanted; empty with labels.
    """

    sequences: tuple[np.ndarray, ...]
    labels: tuple[Any, ...] = ()
    classes: tuple[str, ...] = ()
    targets: tuple[np.ndarray, ...] = field(default=(), repr=False)

    @property
    def digest(self) -> int:
        """CRC-32 of every value and label."""
        value = zlib.crc32(repr((self.labels, self.classes)).encode())
        for sequence in self.sequences:
            value = zlib.crc32(np.ascontiguousarray(sequence).tobytes(), value)
        return value

    def names(self, classes: Sequence[str] = ()) -> list[str]:
        """Label of every sequence as a name: of the file's classes, else of ``classes``.

        Raises
        ------
        ValueError
            When a number has no name.
        """
        known = self.classes or tuple(classes)
        found = []
        for label in self.labels:
            if isinstance(label, str):
                found.append(label)
            elif known and label >= len(known):
                raise ValueError(f"labels holds {label}, but there are {len(known)} classes")
            else:
                found.append(known[label] if known else str(label))
        return found


def is_labelled(arrays: Mapping[str, np.ndarray]) -> bool:
    """These arrays are meant as labelled sequences."""
    return set(KEYS) <= set(arrays)


def labelled_arrays(arrays: Mapping[str, np.ndarray], name: str) -> Labelled:
    """Labelled sequences of an ``.npz``.

    Parameters
    ----------
    arrays : dict of ndarray
    name : str
        Of the file, for messages.

    Raises
    ------
    ValueError
        Where the layout is not the module's, in one sentence.
    """
    for key in KEYS:
        if key not in arrays:
            raise ValueError(
                f"{name} lacks the array {key!r}: it must hold x and labels, and holds "
                f"{', '.join(sorted(arrays)) or 'nothing'}"
            )
    x, labels = arrays["x"], arrays["labels"]
    sequences = parts_of(arrays, name)
    lengths = np.array([len(sequence) for sequence in sequences])
    if np.issubdtype(labels.dtype, np.floating):
        return Labelled(sequences=sequences, targets=_targets(labels, x, lengths, name))
    classes = tuple(map(str, np.atleast_1d(arrays.get("classes", np.array([], str)))))
    found = Labelled(
        sequences=sequences, labels=_labels(labels, len(lengths), name), classes=classes
    )
    if classes:
        found.names()
    return found


def parts_of(arrays: Mapping[str, np.ndarray], name: str) -> tuple[np.ndarray, ...]:
    """Sequences of ``x`` as ``lengths`` takes it apart.

    Raises
    ------
    ValueError
        Where the layout is not the module's, in one sentence.
    """
    x = arrays["x"]
    if x.ndim not in (2, 3) or 0 in x.shape:
        raise ValueError(
            f"x of {name} must have shape (sequences, frames, inputs) or (all frames, inputs), "
            f"not {x.shape}"
        )
    if x.dtype.kind not in "iuf":
        raise ValueError(f"x of {name} must hold integers or floats, not {x.dtype}")
    sequences = _parts(x, _lengths(arrays, x, name))
    for place, sequence in enumerate(sequences):
        if not np.isfinite(sequence).all():
            raise ValueError(f"Sequence {place} of {name} holds values that are not finite")
    return sequences


def _lengths(arrays: Mapping[str, np.ndarray], x: np.ndarray, name: str) -> np.ndarray:
    if "lengths" not in arrays:
        if x.ndim == 2:
            raise ValueError(f"{name} needs the array 'lengths', as x has no axis of sequences")
        return np.full(len(x), x.shape[1])
    lengths = arrays["lengths"]
    if lengths.ndim != 1 or not np.issubdtype(lengths.dtype, np.integer) or not lengths.size:
        raise ValueError(
            f"lengths of {name} must be integers of shape (sequences,), not {lengths.dtype} of "
            f"shape {lengths.shape}"
        )
    if lengths.min() < 1:
        raise ValueError(f"lengths of {name} must be at least 1, not {lengths.min()}")
    if x.ndim == 2 and lengths.sum() != len(x):
        raise ValueError(f"lengths of {name} add up to {lengths.sum()}, but x has {len(x)} frames")
    if x.ndim == 3 and (len(lengths) != len(x) or lengths.max() > x.shape[1]):
        raise ValueError(
            f"lengths of {name} must be {len(x)} numbers up to {x.shape[1]}, as x has shape "
            f"{x.shape}, not {len(lengths)} up to {lengths.max()}"
        )
    return lengths


def _parts(x: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, ...]:
    if x.ndim == 3:
        return tuple(row[:length] for row, length in zip(x, lengths, strict=True))
    return tuple(np.split(x, np.cumsum(lengths)[:-1]))


def _labels(labels: np.ndarray, count: int, name: str) -> tuple[Any, ...]:
    text = labels.dtype.kind == "U"
    if labels.ndim != 1 or not (text or np.issubdtype(labels.dtype, np.integer)):
        raise ValueError(
            f"labels of {name} must be numbers or names of shape (sequences,), not {labels.dtype} "
            f"of shape {labels.shape}"
        )
    if len(labels) != count:
        raise ValueError(f"{name} has {count} sequences but {len(labels)} labels")
    if not text and labels.min() < 0:
        raise ValueError(f"labels of {name} must be 0 or more, not {labels.min()}")
    return tuple(labels.tolist())


def _targets(
    labels: np.ndarray, x: np.ndarray, lengths: np.ndarray, name: str
) -> tuple[np.ndarray, ...]:
    if not np.isfinite(labels).all():
        raise ValueError(f"labels of {name} holds values that are not finite")
    if labels.ndim == 2 and len(labels) == len(lengths):
        return tuple(labels)
    if labels.ndim == x.ndim and labels.shape[:-1] == x.shape[:-1]:
        return _parts(labels, lengths)
    raise ValueError(
        f"labels of {name} as floats must have shape (sequences, outputs), or that of x with "
        f"outputs instead of inputs, not {labels.shape}"
    )


def class_folders(folder: Path) -> list[tuple[Path, str]]:
    """Audio files and classes of a folder of folders, in order of name; empty when it is none.

    A folder with audio files of its own, or with a folder ``recordings``, is none.
    """
    if clips_in(folder) or (folder / "recordings").is_dir():
        return []
    return [
        (clip, inner.name)
        for inner in sorted(folder.iterdir())
        if inner.is_dir() and not inner.name.startswith(".")
        for clip in clips_in(inner)
    ]


def folder_digest(clips: Sequence[tuple[Path, str]]) -> int:
    """CRC-32 of the clips' names, classes and sizes."""
    return zlib.crc32(repr([(p.name, name, p.stat().st_size) for p, name in clips]).encode())


def split_by_seed(
    labels: Sequence[str], *, seed: int, validation: float, test: float
) -> dict[str, list[int]]:
    """Places of the sequences of each of `PARTS`, every class shared out alike.

    Parameters
    ----------
    labels : sequence of str
    seed : int
    validation, test : float
        Their shares; 0 for no such part.

    Raises
    ------
    ValueError
        When a class has too few sequences for one in every part.
    """
    parts: dict[str, list[int]] = {name: [] for name in PARTS}
    shares = {"validation": validation, "test": test}
    for number, name in enumerate(sorted(set(labels))):
        places = [place for place, label in enumerate(labels) if label == name]
        order = np.random.default_rng([seed, number]).permutation(places).tolist()
        needed = 1 + sum(share > 0 for share in shares.values())
        if len(order) < needed:
            raise ValueError(
                f"Class {name} has {len(order)} of the at least {needed} sequences that it needs, "
                f"one for each part of the split"
            )
        total = len(order)
        for part, share in shares.items():
            count = max(1, round(share * total)) if share else 0
            parts[part] += order[:count]
            order = order[count:]
        if not order:
            raise ValueError(f"Class {name} has no sequence left for training: use smaller shares")
        parts["train"] += order
    return {name: sorted(places) for name, places in parts.items()}
