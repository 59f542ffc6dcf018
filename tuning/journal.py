"""A search's finished points on disk, one JSON line each, so that it can go on where it stopped."""

import json
import os
from pathlib import Path
from typing import Any

from thresh.model.files import only_one
from thresh.model.untrusted import Outside, json_of, read_bytes, validated

from .thresholds import Point


class Cycles(Outside):
    """Mean cycles of a frame on a board, and those of its multipliers alone."""

    cycles: float
    ideal: float


class Row(Outside):
    """A finished point, as `thresh.tuning.scoring.evaluate` gives it."""

    point: list[int]
    error: float
    fetches_per_frame: float
    events_per_frame: float
    reduction: float | None
    saturations: int
    boards: dict[str, Cycles]


class Journal:
    """Finished points of one search, or of several at once that share the file.

    Parameters
    ----------
    path : Path or None
        Made with its folder when the first point is added; with None points are kept in memory
        only. A last line that was not written to its end is dropped.

    Raises
    ------
    ValueError
        When the file is damaged.
    OSError
        When it cannot be read.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.points: dict[Point, dict[str, Any]] = {}
        self._whole = 0
        if path is not None and path.exists():
            self._read(path)

    def add(self, row: dict[str, Any]) -> None:
        """Keep a finished point, which ``row["point"]`` names, and take in those that another
        search has finished meanwhile."""
        if self.path is not None:
            with only_one(self.path.with_name(f"{self.path.name}.lock")):
                self._write(self.path, row)
        self.points[tuple(row["point"])] = row

    def _read(self, path: Path) -> None:
        """The file's whole lines."""
        self._whole = 0
        for line in read_bytes(path).splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            try:
                row = validated(Row, json_of(line, "a line"), "a line").model_dump()
                self.points[tuple(row["point"])] = row
            except ValueError as error:
                raise ValueError(
                    f"{path} is damaged, so that its points cannot be used: delete it"
                ) from error
            self._whole += len(line)

    def _write(self, path: Path, row: dict[str, Any]) -> None:
        """Append a line while nobody else writes: what is torn then stays so, and is cut off."""
        size = path.stat().st_size if path.exists() else 0
        if size < self._whole:
            self._whole = 0
        if size != self._whole:
            self._read(path)
            if size > self._whole:
                os.truncate(path, self._whole)
        line = json.dumps(row, allow_nan=False).encode() + b"\n"
        with path.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        self._whole += len(line)
