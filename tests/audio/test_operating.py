"""Misses and false accepts at every threshold, against the spotter itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thresh.audio.announcements import smoothed
from thresh.audio.operating import Stream, curve, operating_point, poisson_limit
from thresh.audio.spotter import NEVER, Spotter


def stream(*levels, spans=()):
    rows = np.array([[0, level] for level in levels], np.int64)
    return Stream(scores=rows, spans=spans)


def points_of(streams, refractory=0, steps_per_hour=10):
    return curve(streams, 1, refractory=refractory, steps_per_hour=steps_per_hour)


def test_counts_words_and_what_is_none():
    one = stream(0, 9, 9, 0, 0, 5, 0, 0, 3, 0, spans=((1, 3), (8, 9)))
    points = points_of([one], refractory=2)
    assert [point.threshold for point in points] == [2, 8, 9]
    assert [point.missed for point in points] == [0, 1, 2]
    assert [point.false_accepts for point in points] == [1, 0, 0]
    assert points[0].hours == 0.7
    assert points[0].per_hour == pytest.approx(1 / 0.7)


def test_the_point_of_fewest_misses_that_is_allowed():
    one = stream(0, 9, 9, 0, 0, 5, 0, 0, 3, 0, spans=((1, 3), (8, 9)))
    points = points_of([one], refractory=2)
    assert operating_point(points, 0.5).threshold == 8
    assert operating_point(points, 2).threshold == 2
    assert operating_point(points_of([stream(5, 0, 7)]), 0.5).threshold == 7


def test_a_rest_that_reaches_into_a_word_hides_it():
    late = stream(6, 0, 5, 0, spans=((2, 3),))
    assert points_of([late], refractory=2)[0].missed == 1
    assert points_of([late], refractory=1)[0].missed == 0


def test_a_class_that_is_not_the_largest_is_not_announced():
    rows = np.array([[9, 8], [7, 8], [8, 8]], np.int64)
    points = curve([Stream(scores=rows)], 1, refractory=0, steps_per_hour=1)
    assert points[-2].threshold < 8
    assert points[-2].false_accepts == 1


@settings(max_examples=40, deadline=None)
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
