"""Table words hold everything that a front end multiplies with."""

import numpy as np
import pytest

from thresh.audio.front_end_tables import (
    LAST_INTERVAL,
    LAST_OF_INTERVAL,
    TableLayout,
    table_words,
)
from thresh.audio.magnitude_front_end import MagnitudeFrontEnd

SETTINGS = [
    {"offsets": tuple(range(40)), "scales": tuple(range(100, 140))},
    {"rate": 16000, "window": 400, "hop": 160, "points": 512, "high_hz": 8000},
    {"bands": 20, "offsets": (5,) * 20, "scales": (6,) * 20},
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_bins_walk_through_the_intervals_as_the_weights_have_them(settings):
    front = MagnitudeFrontEnd(**settings)
    layout, words = TableLayout(points=front.points, window=front.window), table_words(front)
    assert words.min() >= 0
    assert words.max() < 1 << 16
    assert len(words) == layout.depth
    weights = np.zeros((front.bands + 2, front.points // 2 - 1), np.int64)
    interval = 0
    for place in range(front.points // 2 - 1):
        word = int(words[layout.mels + 1 + place])
        weights[interval + 1, place] = word & 255
        weights[interval, place] = 255 - (word & 255)
        assert word >> LAST_INTERVAL & 1 == (interval == front.bands)
        interval += word >> LAST_OF_INTERVAL & 1
    assert interval == front.bands + 1
    np.testing.assert_array_equal(weights[1:-1], front.weights)


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_window_is_symmetric_about_the_cosines_zero(settings):
    front = MagnitudeFrontEnd(**settings)
    layout, words = TableLayout(points=front.points, window=front.window), table_words(front)
    half = front.window // 2
    distance = np.concatenate((np.arange(half + 1), np.arange(half - 1, 0, -1)))
    np.testing.assert_array_equal(words[layout.quarter + distance], front.hann)
    norms = words[layout.norms : layout.norms + 2 * front.bands].reshape(-1, 2)
    assert norms[:, 0].tolist() == list(front.offsets)
    assert norms[:, 1].tolist() == list(front.scales)
    assert words[layout.powers : layout.powers + 9].tolist() == [1 << s for s in range(9)]
    assert layout.powers % 16 == 6


def test_refuses_more_bands_than_there_is_room_for():
    front = MagnitudeFrontEnd(window=204)
    with pytest.raises(ValueError, match="204 samples leaves room for 39 bands, not 40"):
        table_words(front)
