"""Misses and false accepts of a word at every threshold, and the threshold that may be used."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .spotter import NEVER

MOST_POINTS = 300
"""Thresholds of a curve, evenly spread over those that matter."""

LOWEST = -32769
"""Level of a class that is not the largest: below every threshold."""

LIMIT = 0.95
"""Confidence of the upper limit of a rate."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Stream:
    """Smoothed scores of one sequence, and where its words are.

    Parameters
    ----------
    scores : ndarray of int, shape (steps, classes)
        From `thresh.audio.announcements.smoothed`.
    spans : tuple of (int, int)
        First step and the step after the last in which a word may be announced, in order.
    """

    scores: np.ndarray
    spans: tuple[tuple[int, int], ...] = ()


def spans_of(words: Sequence[tuple[int, int]], after: int) -> list[tuple[int, int]]:
    """Where words may be announced: in each and ``after`` it, but not in the next.

    Parameters
    ----------
    words : sequence of (int, int)
        Begin and end of each, in order.
    after : int
        In the same unit.
    """
    nexts = [first for first, _ in words[1:]]
    ends = [min(last + after, begin) for (_, last), begin in zip(words, nexts, strict=False)]
    ends += [last + after for _, last in words[-1:]]
    return [(first, end) for (first, _), end in zip(words, ends, strict=True)]


@dataclass(frozen=True, kw_only=True)
class Point:
    """One threshold.

    Parameters
    ----------
    threshold : int
        In the format of the network's outputs.
    missed, words : int
        Words that were not announced, of so many.
    false_accepts : int
        Announcements where no word was.
    hours : float
        Of all steps in which no word was.
    """

    threshold: int
    missed: int
    words: int
    false_accepts: int
    hours: float

    @property
    def misses(self) -> float | None:
        """Share of the words; None without words."""
        return self.missed / self.words if self.words else None

    @property
    def misses_interval(self) -> tuple[float, float] | None:
        """95 % of the share, by Wilson; None without words."""
        if not self.words:
            return None
        share, square = self.missed / self.words, 1.96**2
        centre = share + square / (2 * self.words)
        reach = 1.96 * math.sqrt(
            share * (1 - share) / self.words + square / (4 * self.words**2)
        )  # fmt: skip
        low, high = ((centre + sign * reach) / (1 + square / self.words) for sign in (-1, 1))
        return max(0.0, low), min(1.0, high)

    @property
    def per_hour(self) -> float | None:
        """False accepts; None without time in which no word was."""
        return self.false_accepts / self.hours if self.hours else None

    @property
    def per_hour_limit(self) -> float | None:
        """The rate below which the true one is, with 95 % confidence; 3 over the hours for none."""
        return poisson_limit(self.false_accepts) / self.hours if self.hours else None


def poisson_limit(count: int) -> float:
    """The mean at which so few events or fewer are 5 % likely."""
    low, high = 0.0, 2.0 * count + 20
    while high - low > 1e-9 * high:
        mean = (low + high) / 2
        few = sum(
            math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1)
        )
        low, high = (mean, high) if few > 1 - LIMIT else (low, mean)
    return low


def curve(
    streams: Sequence[Stream], label: int, *, refractory: int, steps_per_hour: float,
    thresholds: Sequence[int] | None = None,
) -> list[Point]:  # fmt: skip
    """Misses and false accepts of a class over its thresholds, the lowest first.

    A word is announced where the class has the largest score, above the threshold, and no
    refractory time runs, as `thresh.audio.spotter.Spotter` with no other class announced.

    Parameters
    ----------
    streams : sequence of Stream
    label : int
    refractory : int
        Steps after an announcement without another.
    steps_per_hour : float
    thresholds : sequence of int, optional
        Those that matter when absent.

    Raises
    ------
    ValueError
        When there are no steps.
    """
    if not sum(len(one.scores) for one in streams):
        raise ValueError("There is nothing to score: no recording is as long as a frame")
    peaks = [_levels(one.scores, label) for one in streams]
    words = sum(len(one.spans) for one in streams)
    inside = sum(last - first for one in streams for first, last in one.spans)
    hours = (sum(len(one.scores) for one in streams) - inside) / steps_per_hour
    points = []
    for threshold in _thresholds(streams, peaks) if thresholds is None else thresholds:
        hits = false = 0
        for one, levels in zip(streams, peaks, strict=True):
            steps = _announced(levels, threshold, refractory)
            found = [int(np.sum((steps >= first) & (steps < last))) for first, last in one.spans]
            hits += sum(count > 0 for count in found)
            false += len(steps) - sum(found)
        points.append(
            Point(
                threshold=threshold, missed=words - hits, words=words, false_accepts=false,
                hours=hours,
            )
        )  # fmt: skip
    return points


def operating_point(points: Sequence[Point], false_per_hour: float) -> Point:
    """The point of fewest misses with at most so many false accepts per hour.

    Of those the points of fewest false accepts, and of them the one in the middle, which is as far
    from a miss as from a false accept; where no point has so few, the highest threshold.
    """
    good = [one for one in points if (one.per_hour or 0) <= false_per_hour] or [points[-1]]
    best = min((one.missed, one.false_accepts) for one in good)
    equals = [one for one in good if (one.missed, one.false_accepts) == best]
    middle = (equals[0].threshold + equals[-1].threshold) / 2
    return min(equals, key=lambda one: abs(one.threshold - middle))


def _levels(scores: np.ndarray, label: int) -> np.ndarray:
    """The class's score where it is the largest, the lowest number among equals; else `LOWEST`."""
    return np.where(scores.argmax(axis=1) == label, scores[:, label], LOWEST)


def _announced(levels: np.ndarray, threshold: int, refractory: int) -> np.ndarray:
    places = np.nonzero(levels > threshold)[0]
    steps, after = [], 0
    while (at := np.searchsorted(places, after)) < len(places):
        steps.append(int(places[at]))
        after = steps[-1] + refractory + 1
    return np.array(steps, np.int64)


def _thresholds(streams: Sequence[Stream], peaks: Sequence[np.ndarray]) -> list[int]:
    """Below every word's highest level, at the highest others, and in the middle between them."""
    own, others = [], [np.empty(0, np.int64)]
    for one, levels in zip(streams, peaks, strict=True):
        outside = np.ones(len(levels), bool)
        for first, last in one.spans:
            own.append(int(levels[first:last].max(initial=LOWEST)) - 1)
            outside[first:last] = False
        others.append(levels[outside])
    highest = np.unique(np.concatenate(others))[-MOST_POINTS:]
    values = np.unique(np.concatenate((own, highest))).clip(LOWEST + 1, NEVER - 1)
    values = np.unique(np.concatenate((values, (values[1:] + values[:-1]) // 2))).astype(int)
    if len(values) > MOST_POINTS:
        values = values[np.linspace(0, len(values) - 1, MOST_POINTS).astype(int)]
    return [int(value) for value in values]
