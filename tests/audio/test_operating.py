"""Misses and false accepts at every threshold, against the spotter itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thresh.audio.announcements import smoothed
from thresh.audio.operating import Point, Stream, curve, operating_point, poisson_limit, spans_of
from thresh.audio.spotter import NEVER, Spotter


def stream(*levels, spans=()):
    rows = np.array([[0, level] for level in levels], np.int64)
    return Stream(scores=rows, spans=spans)


def points_of(streams, refractory=0, steps_per_hour=10):
    return curve(streams, 1, refractory=refractory, steps_per_hour=steps_per_hour)


WORDS = stream(0, 90, 90, 0, 0, 50, 0, 0, 30, 0, spans=((1, 3), (8, 9)))


def test_counts_words_and_what_is_none():
    points = {point.threshold: point for point in points_of([WORDS], refractory=2)}
    assert list(points) == sorted(points)
    found = {level: (one.missed, one.false_accepts) for level, one in points.items()}
    assert found[29] == (0, 1)
    assert found[50] == (1, 0)
    assert found[89] == (1, 0)
    assert points[29].hours == 0.7
    assert points[29].per_hour == pytest.approx(1 / 0.7)


def test_the_point_of_fewest_misses_that_is_allowed():
    points = points_of([WORDS], refractory=2)
    chosen = operating_point(points, 0.5)
    assert (chosen.missed, chosen.false_accepts) == (1, 0)
    assert 50 < chosen.threshold < 89
    assert operating_point(points, 2).missed == 0
    assert operating_point(points_of([stream(5, 0, 7)]), 0.5).threshold == 7


def test_thresholds_can_be_named():
    (point,) = curve([WORDS], 1, refractory=2, steps_per_hour=10, thresholds=[40])
    assert (point.threshold, point.missed, point.false_accepts) == (40, 1, 1)


def test_a_rest_that_reaches_into_a_word_hides_it():
    late = stream(6, 0, 5, 0, spans=((2, 3),))
    for refractory, missed in ((2, 1), (1, 0)):
        (point,) = curve([late], 1, refractory=refractory, steps_per_hour=9, thresholds=[4])
        assert point.missed == missed


def test_a_class_that_is_not_the_largest_is_not_announced():
    rows = np.array([[9, 8], [7, 8], [8, 8]], np.int64)
    (point,) = curve([Stream(scores=rows)], 1, refractory=0, steps_per_hour=1, thresholds=[7])
    assert point.false_accepts == 1


@settings(max_examples=40)
@given(
    st.lists(st.tuples(*[st.integers(-999, 999)] * 3), min_size=1, max_size=60),
    st.integers(0, 4), st.integers(0, 9),
)  # fmt: skip
def test_every_point_is_what_the_spotter_announces(rows, shift, refractory):
    outputs = np.array(rows)
    one = Stream(scores=smoothed(outputs, shift))
    for point in curve([one], 2, refractory=refractory, steps_per_hour=100):
        spotter = Spotter(
            shift=shift, thresholds=(NEVER, NEVER, point.threshold), refractory=(refractory,) * 3
        )
        assert point.false_accepts == len(spotter.spot(outputs)[0])
        assert point.misses is None


def test_limits_of_rates_are_the_table_s():
    for count, limit in ((0, 2.996), (1, 4.744), (5, 10.513), (30, 40.691)):
        assert poisson_limit(count) == pytest.approx(limit, abs=1e-3)


def test_refuses_nothing():
    with pytest.raises(ValueError, match="no recording is as long as a frame"):
        points_of([])


def test_a_word_may_be_announced_a_little_later_but_not_in_the_next():
    assert spans_of([(0, 5), (7, 9), (20, 22)], 4) == [(0, 7), (7, 13), (20, 26)]
    assert spans_of([], 4) == []


def test_intervals_of_shares_are_wilson_s():
    one = Point(threshold=0, missed=1, words=10, false_accepts=0, hours=1.0)
    assert one.misses_interval == pytest.approx((0.0179, 0.4042), abs=1e-4)
    none = Point(threshold=0, missed=0, words=0, false_accepts=0, hours=1.0)
    assert none.misses_interval is None
