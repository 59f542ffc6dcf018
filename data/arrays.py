"""Sequences of numbers from NumPy files and tables: one reader for every command."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thresh.model.files import read_arrays
from thresh.model.untrusted import MOST_TEXT, read_bytes, shown

from .labelled import Labelled, is_labelled, labelled_arrays, parts_of

SUFFIXES = (".npy", ".npz", ".csv")
"""How files of sequences end, in whatever case."""


@dataclass(frozen=True, kw_only=True)
class Arrays:
    """What a file of sequences holds.

    Parameters
    ----------
    names : tuple of str
    sequences : tuple of ndarray, each of shape (frames, inputs)
        Integers or finite floats, in the unit in which they were recorded.
    labelled : Labelled or None
        Labels or targets of the same sequences, where the file holds them.
    """

    names: tuple[str, ...]
    sequences: tuple[np.ndarray, ...]
    labelled: Labelled | None = None


def holds_arrays(path: Path) -> bool:
    """The file's name ends as one of sequences."""
    return path.suffix.lower() in SUFFIXES


def load_arrays(path: Path, inputs: int) -> Arrays:
    """Sequences of a ``.npy``, ``.npz`` or ``.csv``.

    Parameters
    ----------
    path : Path
        A ``.npz`` as `thresh.data.labelled` has it, with or without labels; a ``.npy`` or another
        ``.npz`` of arrays of shape (frames, inputs) or (sequences, frames, inputs); or a table, one
        frame per line, which may begin with a line of names.
    inputs : int
        Inputs per frame.

    Raises
    ------
    ValueError
        When it holds no sequences of so many inputs, in one sentence.
    OSError
        When it cannot be read.
    """
    if path.suffix.lower() == ".csv":
        return Arrays(names=(path.stem,), sequences=(_checked(path.stem, _table(path), inputs),))
    arrays = read_arrays(path)
    if is_labelled(arrays):
        found = labelled_arrays(arrays, path.name)
        names = tuple(f"x[{place}]" for place in range(len(found.sequences)))
        return Arrays(names=names, sequences=_all(names, found.sequences, inputs), labelled=found)
    if set(arrays) == {"x", "lengths"}:
        parts = parts_of(arrays, path.name)
        names = tuple(f"x[{place}]" for place in range(len(parts)))
        return Arrays(names=names, sequences=_all(names, parts, inputs))
    pairs = [
        pair for name, array in arrays.items()
        for pair in _parts(shown(name, 40), _checked(shown(name, 40), array, inputs))
    ]  # fmt: skip
    if not pairs:
        raise ValueError(f"{path} holds no sequences")
    return Arrays(names=tuple(name for name, _ in pairs), sequences=tuple(x for _, x in pairs))


def _all(
    names: tuple[str, ...], sequences: tuple[np.ndarray, ...], inputs: int
) -> tuple[np.ndarray, ...]:
    return tuple(_checked(name, one, inputs) for name, one in zip(names, sequences, strict=True))


def _parts(name: str, array: np.ndarray) -> list[tuple[str, np.ndarray]]:
    if array.ndim == 2:
        return [(name, array)]
    return [(f"{name}[{place}]", part) for place, part in enumerate(array)]


def _checked(name: str, array: np.ndarray, inputs: int) -> np.ndarray:
    """``array``, when it holds numbers of a shape that has so many inputs."""
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name} must hold integers or floats, not {shown(array.dtype, 40)}")
    if array.ndim not in (2, 3) or array.shape[-1] != inputs or 0 in array.shape:
        raise ValueError(
            f"{name} must have shape (frames, {inputs}) or (sequences, frames, {inputs}), not "
            f"{array.shape}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds values that are not finite")
    return array


def _table(path: Path) -> np.ndarray:
    """Numbers of a table, shape (lines, columns)."""
    try:
        text = read_bytes(path, MOST_TEXT).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not a table in UTF-8: {error.reason}") from error
    first = text[: text.find("\n") + 1] or text
    mark = max(",;\t", key=first.count)
    try:
        lines = [line for line in csv.reader(text.splitlines(), delimiter=mark) if any(line)]
    except csv.Error as error:
        raise ValueError(f"{path} is not a table: {shown(error, 100)}") from error
    if lines and _numbers(lines[0]) is None:
        lines = lines[1:]
    rows = []
    for number, line in enumerate(lines):
        row = _numbers(line)
        if row is None or len(row) != len(lines[0]):
            raise ValueError(
                f"{path} must hold {len(lines[0])} numbers on every line between {mark!r}, not "
                f"{shown(mark.join(line), 60)!r} as frame {number}"
            )
        rows.append(row)
    if not rows:
        raise ValueError(f"{path} holds no sequences")
    return np.array(rows)


def _numbers(line: list[str]) -> list[float] | None:
    try:
        return [float(word) for word in line]
    except ValueError:
        return None
