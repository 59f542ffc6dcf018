"""The end of a word in noise, and of nothing."""

import numpy as np
import pytest

from thresh.audio.word_end import word_end


@pytest.mark.parametrize("level", [3000, 30000])
def test_a_tone_in_quieter_noise_ends_where_it_ends(level):
    random = np.random.default_rng(1)
    seconds = np.arange(8000) / 8000
    tone = level * np.sin(2 * np.pi * 300 * seconds) * ((seconds > 0.2) & (seconds < 0.65))
    samples = tone + random.normal(0, level / 200, 8000) + 500
    assert word_end(samples.astype(np.int16), 8000) == pytest.approx(0.65)


def test_silence_has_none():
    assert word_end(np.zeros(8000, np.int16), 8000) is None
    assert word_end(np.full(8000, 77, np.int16), 8000) is None
    assert word_end(np.zeros(3, np.int16), 8000) is None
