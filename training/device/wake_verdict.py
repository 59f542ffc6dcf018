"""What networks of several seeds come to in folds, and which of them ships.

The rules, fixed before a seed other than 1, or a control, was trained:

- *Threshold.* A network's is the one of fewest misses at `WANTED` false accepts an hour in the
  tests of the other folds' networks of its seed and kind.
- *Of a seed*, misses have their Wilson interval, and false accepts the Poisson limit.
- *Of all seeds*, misses and false accepts are summed. All seeds hear the same recordings, so that
  these are no more words and hours: the misses' interval is of minutes of the test that are drawn
  anew, each with what all seeds made of it, and the limit is that of the mean number of false
  accepts, rounded up, in the hours of one.
- *Difference.* Delta less control of the same fold, seed and minute, and the same interval.
- *What ships.* Of the first fold, the network of fewest misses at `WANTED` on validation, every
  clip in another room: as recorded, these clips are among those that train, and none is missed.
  Another than that of the first seed ships only if its misses are fewer by more than chance would
  make them, 1.96 deviations of two counts.

One was added when seed 1 had not come out as in an earlier training, before seeds 2 and 3 were
read: a network of the same recordings and fold that ships already stands in the first seed's place.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from thresh.audio.operating import Point, Stream, operating_point, poisson_limit
from thresh.training.trainer.work import Work

from .wake_exam import point_of, points_of, summed, told
from .wake_pieces import SHIPS, Piece

WANTED = 0.5
"""False accepts per hour."""

RATES = (WANTED, 1.0, 2.5)
"""At which one threshold for all folds of a seed is tried."""

DRAWS, DRAWS_SEED, CHANCE = 10_000, 1, 1.96
"""Samples of an interval, their seed, and deviations that separate two counts."""

Seeds = Mapping[int, Sequence[Piece]]
"""Networks of a kind: of each seed, one per fold."""


def threshold_for(folds: Sequence[Piece], fold: int, rate: float = WANTED) -> int:
    """Of fewest misses with at most so many false accepts per hour in the tests of all others."""
    others = tuple(one for number, one in enumerate(folds) if number != fold)
    return operating_point(_curve(others), rate).threshold


@cache
def _curve(folds: tuple[Piece, ...]) -> list[Point]:
    """Of all of them together; at several rates it is the same."""
    return points_of([stream for one in folds for stream in one.streams])


def thresholds_of(seeds: Seeds, rate: float = WANTED) -> dict[int, list[int]]:
    """Of each seed, the threshold of every fold."""
    return {
        seed: [threshold_for(folds, number, rate) for number in range(len(folds))]
        for seed, folds in seeds.items()
    }


def kind_of(seeds: Seeds) -> dict[str, Any]:
    """What networks of one kind come to, as JSON: of all seeds, and of each."""
    thresholds, stricter = thresholds_of(seeds), thresholds_of(seeds, WANTED / 2)
    free = {seed: _curve(tuple(folds)) for seed, folds in seeds.items()}
    work = sum((one.work for folds in seeds.values() for one in folds), Work())
    return {
        **_told(seeds, thresholds, lambda one: one.streams),
        "elsewhere": _told(seeds, thresholds, lambda one: one.elsewhere),
        "half_the_rate": _told(seeds, stricter, lambda one: one.streams),
        "reduction": work.reduction, "inputs_fire": work.fired_x, "states_fire": work.fired_h,
        "one_threshold": [
            _told(
                seeds,
                {
                    seed: [operating_point(points, rate).threshold] * len(seeds[seed])
                    for seed, points in free.items()
                },
                lambda one: one.streams,
            )
            for rate in RATES
        ],
        "by_seed": {
            str(seed): {
                **told(summed(_points(folds, thresholds[seed]))),
                "by_fold": [told(one) for one in _points(folds, thresholds[seed])],
            }
            for seed, folds in seeds.items()
        },
    }  # fmt: skip


def difference_of(delta: Seeds, control: Seeds) -> dict[str, Any]:
    """Delta less control, in shares of the words and false accepts per hour, as JSON."""
    counts = [_all_minutes(one, thresholds_of(one)) for one in (delta, control)]
    mean = np.array([_shares(one.sum(axis=0)) for one in counts])
    drawn = [_drawn(one) for one in counts]
    low, high = np.quantile(drawn[0] - drawn[1], (0.025, 0.975), axis=0)
    misses, false = mean[0] - mean[1]
    return {
        "misses": misses, "misses_interval_95": [low[0], high[0]],
        "false_per_hour": false, "false_per_hour_interval_95": [low[1], high[1]],
    }  # fmt: skip


def chosen(seeds: Seeds, ships: Piece | None = None) -> tuple[int | None, dict[str, Any]]:
    """The seed whose network ships from now on, and what chose it as JSON.

    None where the one that ``ships`` already stays, and where there is none, the first seed's is
    taken for it.
    """
    points = {
        seed: operating_point(points_of(folds[SHIPS].validation), WANTED)
        for seed, folds in seeds.items()
    }
    found = {str(seed): told(point) for seed, point in points.items()}
    best = min(points, key=lambda seed: (points[seed].missed, points[seed].false_accepts))
    stays, first = next(iter(points.items()))
    if ships is not None:
        first = operating_point(points_of(ships.validation), WANTED)
        found["that ships"] = told(first)
    both = (first.missed, points[best].missed)
    if both[0] - both[1] > CHANCE * math.sqrt(sum(both)):
        return best, found
    return (stays if ships is None else None), found


def _recorded(piece: Piece) -> list[Stream]:
    return piece.streams


def _points(
    folds: Sequence[Piece], thresholds: Sequence[int],
    heard: Callable[[Piece], list[Stream]] = _recorded,
) -> list[Point]:  # fmt: skip
    """Of every fold at its threshold."""
    return [
        point_of(heard(one), threshold) for one, threshold in zip(folds, thresholds, strict=True)
    ]


def _told(
    seeds: Seeds, thresholds: Mapping[int, Sequence[int]], heard: Callable[[Piece], list[Stream]]
) -> dict[str, Any]:
    """All seeds as JSON, with intervals as the rules have them."""
    points = [summed(_points(folds, thresholds[seed], heard)) for seed, folds in seeds.items()]
    whole = told(summed(points))
    if len(points) == 1:
        return whole
    drawn = _drawn(_all_minutes(seeds, thresholds, heard))[:, 0]
    mean = math.ceil(whole["false_accepts"] / len(points))
    return {
        **whole, "seeds": len(points), "thresholds": [one.threshold for one in points],
        "misses_interval_95": [float(one) for one in np.quantile(drawn, (0.025, 0.975))],
        "false_per_hour_limit_95": poisson_limit(mean) / points[0].hours,
    }  # fmt: skip


def _all_minutes(
    seeds: Seeds, thresholds: Mapping[int, Sequence[int]],
    heard: Callable[[Piece], list[Stream]] = _recorded,
) -> np.ndarray:  # fmt: skip
    """Missed, words, false accepts and hours of every minute of the test, over all seeds."""
    every = [
        [
            point_of([stream], threshold)
            for one, threshold in zip(folds, thresholds[seed], strict=True)
            for stream in heard(one)
        ]
        for seed, folds in seeds.items()
    ]
    counts = [
        [(one.missed, one.words, one.false_accepts, one.hours) for one in points]
        for points in every
    ]
    return np.sum(counts, axis=0)


def _shares(sums: np.ndarray) -> np.ndarray:
    """Missed over words, and false accepts over hours, of the last axis; 0 over none is 0."""
    least = np.finfo(float).tiny
    return sums[..., 0::2] / np.maximum(sums[..., 1::2], least)


def _drawn(minutes: np.ndarray) -> np.ndarray:
    """Both shares of as many minutes, drawn anew each time; the same draws for the same number."""
    draw = np.random.default_rng(DRAWS_SEED)
    weights = draw.multinomial(len(minutes), np.full(len(minutes), 1 / len(minutes)), DRAWS)
    return _shares(weights @ minutes)
