"""What was seen of a device: every integer on the way from a microphone's bits to a word."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from thresh.model.files import read_arrays, write_atomically

FORMAT = 1
"""Version of the file."""

STAGES = {
    "samples": 1, "features": 2, "events": 2, "outputs": 2, "scores": 2, "best": 1, "score": 1,
    "heard": 2,
}  # fmt: skip
"""Stages in the order of the way, and the dimensions of each."""

PER_FRAME = ("features", "events", "outputs", "scores", "best", "score")
"""Stages that hold a row per frame."""

MOST_MAGNITUDE = 1 << 31
"""Bound on the integers of a file."""


@dataclass(frozen=True, kw_only=True)
class DeviceTrace:
    """What each stage gave; None for a stage that was not seen.

    Every array is int64 and one sequence long: it begins where the device began or was restarted.

    Parameters
    ----------
    samples : ndarray of int64, shape (samples,), or None
        16-bit samples at the network's rate.
    features : ndarray of int64, shape (frames, bands), or None
        Inputs of the network.
    events : ndarray of int64, shape (frames, layers + 1), or None
        Values sent: of the inputs, then of each layer's state, 0 where nothing listens.
    outputs : ndarray of int64, shape (frames, classes), or None
    scores : ndarray of int64, shape (frames, classes), or None
        Outputs averaged over time.
    best, score : ndarray of int64, shape (frames,), or None
        The class with the largest score, and that score.
    heard : ndarray of int64, shape (words, 2), or None
        Frame and class of every announcement.

    Raises
    ------
    ValueError
        When a stage is no array of integers of its shape, or two hold another number of frames.
    """

    samples: np.ndarray | None = None
    features: np.ndarray | None = None
    events: np.ndarray | None = None
    outputs: np.ndarray | None = None
    scores: np.ndarray | None = None
    best: np.ndarray | None = None
    score: np.ndarray | None = None
    heard: np.ndarray | None = None

    def __post_init__(self) -> None:
        for name, dimensions in STAGES.items():
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, _stage(name, dimensions, value))
        counts = {
            name: len(rows) for name in PER_FRAME if (rows := getattr(self, name)) is not None
        }
        if len(set(counts.values())) > 1:
            said = ", ".join(f"{count} of {name}" for name, count in counts.items())
            raise ValueError(f"Every stage of a trace must hold as many frames, not {said}")

    @property
    def frames(self) -> int:
        """Frames; 0 where no stage that has any was seen."""
        return next(
            (len(rows) for name in PER_FRAME if (rows := getattr(self, name)) is not None), 0
        )

    @property
    def stages(self) -> dict[str, np.ndarray]:
        """The stages that were seen, by name."""
        return {name: rows for name in STAGES if (rows := getattr(self, name)) is not None}

    def save(self, path: Path) -> None:
        """Write a ``.npz``, whole or not at all."""
        packed = io.BytesIO()
        np.savez_compressed(packed, **self.arrays())  # type: ignore[arg-type]
        write_atomically(path, packed.getvalue())

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays of its file, by name."""
        small = {name: rows.astype(np.int32) for name, rows in self.stages.items()}
        return {"format": np.array(FORMAT), **small}

    @classmethod
    def load(cls, path: Path) -> "DeviceTrace":
        """What `save` wrote.

        Raises
        ------
        ValueError
            When the file is damaged or holds anything else, in one sentence.
        OSError
            When it cannot be read.
        """
        return cls.of_arrays(read_arrays(path), path)

    @classmethod
    def of_arrays(cls, arrays: dict[str, np.ndarray], name: object) -> "DeviceTrace":
        """The trace in the arrays of a file called ``name``; ValueError otherwise."""
        version = arrays.get("format")
        if version is None or version.shape or version.dtype.kind not in "iu" or version != FORMAT:
            raise ValueError(f"{name} is no trace of a device in format {FORMAT}")
        stages = {key: value for key, value in arrays.items() if key != "format"}
        if unknown := set(stages) - {field.name for field in fields(cls)}:
            raise ValueError(f"{name} holds {min(unknown)[:40]!r}, which is no stage of a device")
        try:
            return cls(**stages)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error


def first_difference(
    a: DeviceTrace, b: DeviceTrace, names: tuple[str, str] = ("golden", "device")
) -> str | None:
    """The first integer that differs, in the order of the way; None when all are equal.

    Parameters
    ----------
    a, b : DeviceTrace
        Stages that only one of them saw are passed over.
    names : tuple of str
        What people call ``a`` and ``b``.

    Raises
    ------
    ValueError
        When no stage was seen in both.
    """
    common = [name for name in STAGES if name in a.stages and name in b.stages]
    if not common:
        raise ValueError(f"The {names[0]} and the {names[1]} trace have no stage in common")
    for name in common:
        if said := _difference(name, getattr(a, name), getattr(b, name), names):
            return said
    return None


def integers_compared(a: DeviceTrace, b: DeviceTrace) -> int:
    """Integers of the stages that both saw."""
    return sum(rows.size for name, rows in a.stages.items() if name in b.stages)


def heard_of(pairs: Iterable[tuple[int, int]]) -> np.ndarray:
    """Pairs of frame and class as an array, also when there are none."""
    return np.array(list(pairs), np.int64).reshape(-1, 2)


def _stage(name: str, dimensions: int, value: Any) -> np.ndarray:
    rows = np.asarray(value)
    if rows.ndim != dimensions or rows.dtype.kind not in "iu":
        raise ValueError(
            f"{name} must be integers of {dimensions} dimensions, not {rows.dtype} of shape "
            f"{rows.shape}"
        )
    if rows.size and not -MOST_MAGNITUDE <= int(rows.min()) <= int(rows.max()) < MOST_MAGNITUDE:
        raise ValueError(f"{name} must lie in 32 bits, not {rows.min()} to {rows.max()}")
    if name == "heard" and rows.shape[1] != 2:
        raise ValueError(f"heard must hold pairs of frame and class, not rows of {rows.shape[1]}")
    return rows.astype(np.int64)


def _difference(name: str, a: np.ndarray, b: np.ndarray, names: tuple[str, str]) -> str | None:
    if a.shape[1:] != b.shape[1:]:
        return f"{name}: rows of {a.shape[1]} in {names[0]}, of {b.shape[1]} in {names[1]}"
    shared = min(len(a), len(b))
    wrong = np.argwhere(a[:shared] != b[:shared])
    if not len(wrong):
        if len(a) == len(b):
            return None
        return f"{name}: {len(a)} in {names[0]}, {len(b)} in {names[1]}, equal as far as both go"
    place = tuple(wrong[0].tolist())
    where = f"{name} {place[0]}" if name in ("samples", "heard") else f"{name} of frame {place[0]}"
    if name == "heard":
        where += (", frame", ", class")[place[1]]
    elif len(place) > 1:
        where += f", {'list' if name == 'events' else 'number'} {place[1]}"
    return f"{where}: {a[place]} in {names[0]}, {b[place]} in {names[1]}"
