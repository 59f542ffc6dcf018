"""Announcements of whole recordings equal those of the stream; thresholds that suit clips best."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thresh.audio.announcements import announced_rightly, announcements, fit_spotter, smoothed
from thresh.audio.spotter import NEVER, Spotter

LEVEL = st.integers(-32768, 32767)


@settings(max_examples=60)
@given(
    st.lists(st.lists(LEVEL, min_size=3, max_size=3), max_size=60), st.integers(0, 8),
    st.tuples(LEVEL, LEVEL, st.just(NEVER)), st.tuples(*[st.integers(0, 9)] * 3),
)  # fmt: skip
def test_equals_the_stream(rows, shift, thresholds, refractory):
    spotter = Spotter(shift=shift, thresholds=thresholds, refractory=refractory)
    outputs = np.array(rows, np.int64).reshape(-1, 3)
    heard, scores = spotter.spot(outputs)
    np.testing.assert_array_equal(smoothed(outputs, shift), scores)
    assert announcements(scores, spotter) == heard


def clip(label, level, steps=40):
    rows = np.zeros((steps, 3), np.int64)
    rows[10:30, label] = level
    return rows


def test_takes_the_threshold_between_words_and_everything_else():
    outputs = [clip(1, 4000), clip(2, 4000), clip(1, 900), clip(2, 900)]
    fit = fit_spotter(outputs, [1, 2, 0, 0], shifts=(3,), refractory=20, silent=(0,))
    assert (fit.right, fit.clips) == (4, 4)
    assert fit.spotter.thresholds[0] == NEVER
    assert fit.spotter.thresholds[1] == fit.spotter.thresholds[2]
    assert 800 < fit.spotter.thresholds[1] < 4000
    assert fit.spotter.refractory == (20,) * 3
    for one, label in zip(outputs, [1, 2, 0, 0], strict=True):
        assert announced_rightly(fit.spotter.spot(one)[0], label, (0,))


def test_takes_a_longer_average_where_it_alone_tells_a_click_from_a_word():
    click = np.zeros((40, 2), np.int64)
    click[10:12, 1] = 30000
    word = np.zeros((40, 2), np.int64)
    word[5:35, 1] = 9000
    fit = fit_spotter([click, word], [0, 1], shifts=(0, 4), refractory=40, silent=(0,))
    assert fit.spotter.shift == 4
    assert fit.right == 2


def test_two_words_in_a_clip_of_one_are_wrong():
    assert announced_rightly([(3, 1), (9, 1)], 1, ())
    assert not announced_rightly([(3, 1), (9, 2)], 1, ())
    assert not announced_rightly([], 1, ())
    assert announced_rightly([], 1, (1,))


def test_refuses_no_clips():
    with pytest.raises(ValueError, match="there are none"):
        fit_spotter([], [], shifts=(3,), refractory=5)
