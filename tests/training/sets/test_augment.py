"""Variations of recordings."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra [train] is not installed")

from thresh.training.sets.augment import vary


def test_variations_keep_the_range_and_follow_the_seed():
    pcm = (20_000 * np.sin(np.arange(3000) / 7)).astype(np.int16)
    first, second = (vary(pcm, np.random.default_rng(4)) for _ in range(2))
    assert first.dtype == np.int16
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first[:1000], pcm[:1000])
