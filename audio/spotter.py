"""Decision while a network runs: smoothed scores, a threshold and a refractory time per word."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .settings import read_settings, write_settings

NEVER = 32767
"""The threshold of a class that is never announced: no score lies above it."""

MOST_CLASSES = 64
"""Classes that a decision tells apart."""


@dataclass(frozen=True, kw_only=True)
class Spotter:
    """Words announced as they are heard.

    After each step ``s[c] += (y[c] - s[c]) >> shift`` for every class c. The class with the largest
    s, the lowest number among equals, is announced when its s lies above its threshold and no
    refractory time runs; then its own refractory time begins, in which nothing is announced. A new
    sequence starts from s = 0.

    Parameters
    ----------
    shift : int
        The average is over about ``2**shift`` steps, 0 to 8.
    thresholds : tuple of int
        Per class, in the format of the network's outputs; `NEVER` for one that is never announced.
    refractory : tuple of int
        Per class, steps after an announcement without another, 0 to 32767.

    Raises
    ------
    ValueError
        Naming the field, what was wanted and what came.
    """

    KIND: ClassVar[str] = "word-spotter"
    VERSION: ClassVar[int] = 1

    shift: int = 3
    thresholds: tuple[int, ...] = ()
    refractory: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "thresholds", tuple(self.thresholds))
        object.__setattr__(self, "refractory", tuple(self.refractory))
        if not 0 <= self.shift <= 8:
            raise ValueError(f"word-spotter: shift must be 0 to 8, not {self.shift!r}")
        if not 1 <= len(self.thresholds) <= MOST_CLASSES:
            raise ValueError(
                f"word-spotter: thresholds must hold 1 to {MOST_CLASSES} integers, not "
                f"{len(self.thresholds)}"
            )
        if len(self.refractory) != len(self.thresholds):
            raise ValueError(
                f"word-spotter: refractory must hold {len(self.thresholds)} integers, not "
                f"{len(self.refractory)}"
            )
        for name, lowest in (("thresholds", -32768), ("refractory", 0)):
            for value in getattr(self, name):
                if not lowest <= value <= 32767:
                    raise ValueError(
                        f"word-spotter: {name} must be {lowest} to 32767, not {value!r}"
                    )

    def stream(self) -> "SpotterStream":
        """The decision at the begin of a sequence."""
        return SpotterStream(self)

    def spot(self, outputs: np.ndarray) -> tuple[list[tuple[int, int]], np.ndarray]:
        """Announcements of a whole sequence.

        Parameters
        ----------
        outputs : ndarray of int, shape (steps, classes)

        Returns
        -------
        heard : list of (step, class)
        scores : ndarray of int64, shape (steps, classes)
            Smoothed.

        Raises
        ------
        ValueError
            For another shape.
        """
        stream = self.stream()
        outputs = np.asarray(outputs)
        if outputs.ndim != 2 or outputs.shape[1] != len(self.thresholds):
            raise ValueError(
                f"A decision of {len(self.thresholds)} classes needs outputs of shape "
                f"(steps, {len(self.thresholds)}), not {outputs.shape}"
            )
        scores = np.empty(outputs.shape, np.int64)
        heard = []
        for step, row in enumerate(outputs):
            if (label := stream.step(row)) is not None:
                heard.append((step, label))
            scores[step] = stream.scores
        return heard, scores

    def to_dict(self) -> dict[str, Any]:
        """Every parameter, ready for JSON."""
        return write_settings(self)

    @classmethod
    def from_dict(cls, settings: dict[str, Any]) -> "Spotter":
        """The decision that `to_dict` described; ValueError otherwise."""
        return read_settings(cls, settings)


class SpotterStream:
    """A `Spotter` within a sequence."""

    def __init__(self, spotter: Spotter) -> None:
        self.spotter = spotter
        self.scores = np.zeros(len(spotter.thresholds), np.int64)
        self.resting = 0

    def step(self, outputs: np.ndarray) -> int | None:
        """The class that the outputs of one step, shape (classes,), announce, or None."""
        self.scores += (np.asarray(outputs, np.int64) - self.scores) >> self.spotter.shift
        best = int(self.scores.argmax())
        if self.resting:
            self.resting -= 1
        elif self.scores[best] > self.spotter.thresholds[best]:
            self.resting = self.spotter.refractory[best]
            return best
        return None
