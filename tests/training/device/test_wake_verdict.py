"""What networks of several seeds come to, on scores that are made by hand."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra [train] is not installed")

from thresh.audio.operating import Point, Stream, poisson_limit
from thresh.training.device import wake_verdict
from thresh.training.device.wake_pieces import Piece
from thresh.training.trainer.work import Work

STEPS = 36_000
"""Of a stream: a tenth of an hour and of 100 frames a second."""


def stream(words, others):
    """Peaks of these heights, in words and where there is none."""
    scores, spans = np.zeros((STEPS, 2), np.int64), []
    for number, height in enumerate(words):
        first = 1000 * (number + 1)
        spans.append((first, first + 200))
        scores[first + 100, 1] = height
    for number, height in enumerate(others):
        scores[20_000 + 1000 * number, 1] = height
    return Stream(scores=scores, spans=tuple(spans))


def piece(*streams, validation=()):
    return Piece(
        network=None, streams=list(streams), elsewhere=list(streams), validation=list(validation),
        work=Work(delta=1, dense=10, steps=1),
    )  # fmt: skip


def folds(words=(500, 600, 700), others=(100,), count=5):
    return [piece(*[stream(words, others)] * 8) for _ in range(count)]


def worse():
    """One word is missed and one falsely accepted."""
    odd = stream((50, 600, 700), (100, 800))
    return [replace(folds()[0], streams=[odd, *folds()[0].streams[1:]]), *folds()[1:]]


def test_a_threshold_is_chosen_on_the_other_folds():
    every = folds()
    expected = wake_verdict.threshold_for(every, 0)
    assert 100 <= expected < 500
    every[0] = piece(stream((5000,), (4000,)))
    assert wake_verdict.threshold_for(every, 0) == expected
    every[1] = piece(stream((5000,), (4000,) * 9))
    assert wake_verdict.threshold_for(every, 0) >= 4000


def test_one_seed_has_the_intervals_of_counts():
    found = wake_verdict.kind_of({1: folds()})
    point = Point(threshold=0, missed=0, words=120, false_accepts=0, hours=found["hours"])
    assert found["misses_interval_95"] == point.misses_interval
    assert found["false_per_hour_limit_95"] == point.per_hour_limit
    assert found["reduction"] == 10


def test_seeds_hear_the_same_hours():
    found = wake_verdict.kind_of({1: folds(), 2: worse()})
    one, other = found["by_seed"]["1"], found["by_seed"]["2"]
    assert (one["missed"], other["missed"], other["false_accepts"]) == (0, 1, 1)
    assert (found["missed"], found["words"], found["seeds"]) == (1, 240, 2)
    assert found["hours"] == pytest.approx(2 * one["hours"])
    assert found["false_per_hour"] == pytest.approx(1 / found["hours"])
    assert found["false_per_hour_limit_95"] == pytest.approx(poisson_limit(1) / one["hours"])
    low, high = found["misses_interval_95"]
    assert 0 <= low < 1 / 240 < high < 10 / 240


def test_the_difference_is_paired_by_minute():
    same = wake_verdict.difference_of({1: worse(), 2: worse()}, {1: worse(), 2: worse()})
    assert (same["misses"], same["misses_interval_95"]) == (0, [0, 0])
    found = wake_verdict.difference_of({1: worse(), 2: folds()}, {1: folds(), 2: folds()})
    assert found["misses"] == pytest.approx(1 / 240)
    assert found["misses_interval_95"][0] >= 0 < found["false_per_hour"]
    turned = wake_verdict.difference_of({1: folds(), 2: folds()}, {1: worse(), 2: folds()})
    assert turned["misses"] == -found["misses"]
    assert turned["misses_interval_95"] == [-one for one in found["misses_interval_95"][::-1]]


@pytest.mark.parametrize(("missed", "ships"), [((9, 0), 2), ((3, 0), 1), ((0, 9), 1), ((2, 2), 1)])
def test_another_seed_ships_only_if_it_is_better_by_more_than_chance(missed, ships):
    def heard(count):
        validation = stream((10,) * count + (500,) * (12 - count), (100,) * 4)
        return [replace(one, validation=[validation]) for one in folds()]

    seeds = {seed: heard(count) for seed, count in zip((1, 2), missed, strict=True)}
    seed, found = wake_verdict.chosen(seeds)
    assert seed == ships
    assert [one["missed"] for one in found.values()] == list(missed)
    seed, found = wake_verdict.chosen(seeds, heard(missed[0])[0])
    assert seed == (None if ships == 1 else ships)
    assert found["that ships"] == found["1"]
