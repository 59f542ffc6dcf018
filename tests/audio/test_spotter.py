"""Words announced while a network runs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thresh.audio.spotter import NEVER, Spotter

SPOTTER = Spotter(shift=2, thresholds=(NEVER, 900, 1500), refractory=(0, 4, 7))


def outputs(label, steps, level=4000):
    rows = np.zeros((steps, 3), np.int64)
    rows[:, label] = level
    return rows


def test_announces_after_the_average_passes_the_threshold():
    heard, scores = SPOTTER.spot(outputs(1, 3))
    assert scores[:, 1].tolist() == [1000, 1750, 2312]
    assert heard == [(0, 1)]
    assert SPOTTER.spot(outputs(2, 3))[0] == [(1, 2)]


def test_a_score_at_the_threshold_is_not_above_it():
    assert SPOTTER.spot(outputs(1, 1, level=3600))[0] == []
    assert SPOTTER.spot(outputs(1, 1, level=3604))[0] == [(0, 1)]


def test_rests_for_the_time_of_the_word_announced():
    assert SPOTTER.spot(outputs(1, 12))[0] == [(0, 1), (5, 1), (10, 1)]
    assert SPOTTER.spot(outputs(2, 12))[0] == [(1, 2), (9, 2)]
    both = np.concatenate((outputs(1, 2), outputs(2, 8, level=9000)))
    assert SPOTTER.spot(both)[0] == [(0, 1), (5, 2)]


def test_a_class_that_is_never_announced_still_wins_over_others():
    loud = outputs(1, 9, level=6000) + outputs(0, 9, level=32767)
    assert SPOTTER.spot(loud)[0] == []


def test_the_lower_number_wins_a_tie():
    even = Spotter(shift=0, thresholds=(5, 5), refractory=(0, 0))
    assert even.spot(np.array([[7, 7]]))[0] == [(0, 0)]


@settings(max_examples=40)
@given(
    rows=st.lists(st.lists(st.integers(-32768, 32767), min_size=3, max_size=3), max_size=30),
    shift=st.integers(0, 8),
)
def test_streaming_equals_batch_and_scores_stay_within_16_bits(rows, shift):
    spotter = Spotter(shift=shift, thresholds=(NEVER, 900, -5), refractory=(0, 4, 1))
    table = np.array(rows, np.int64).reshape(-1, 3)
    heard, scores = spotter.spot(table)
    stream = spotter.stream()
    labels = [stream.step(row) for row in table]
    assert [(step, label) for step, label in enumerate(labels) if label is not None] == heard
    assert scores.min(initial=0) >= -32768
    assert scores.max(initial=0) <= 32767


def test_json_round_trip():
    assert Spotter.from_dict(SPOTTER.to_dict()) == SPOTTER


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"shift": 9}, "shift must be 0 to 8, not 9"),
        ({"thresholds": []}, "thresholds must hold 1 to 64 integers, not 0"),
        ({"refractory": [1]}, "refractory must hold 3 integers, not 1"),
        ({"thresholds": [0, 0, 40000]}, "thresholds must be -32768 to 32767, not 40000"),
        ({"refractory": [0, -1, 0]}, "refractory must be 0 to 32767, not -1"),
        ({"refractory": "abc"}, "refractory must be a list of integers, not 'abc'"),
    ],
)
def test_refuses_settings_by_name(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        Spotter.from_dict(SPOTTER.to_dict() | change)


def test_refuses_outputs_of_other_classes():
    with pytest.raises(ValueError, match=r"outputs of shape \(steps, 3\), not \(2, 4\)"):
        SPOTTER.spot(np.zeros((2, 4)))
