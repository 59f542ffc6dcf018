"""Variations of recordings."""

import numpy as np

from thresh.training.sets.augment import vary, vary_features


def test_variations_keep_the_range_and_follow_the_seed():
    pcm = (20_000 * np.sin(np.arange(3000) / 7)).astype(np.int16)
    first, second = (vary(pcm, np.random.default_rng(4)) for _ in range(2))
    assert first.dtype == np.int16
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first[:1000], pcm[:1000])


def test_varied_features_move_by_level_tilt_and_noise():
    x = np.zeros((400, 40), np.float32)
    draws = np.stack([vary_features(x, np.random.default_rng(seed)) for seed in range(200)])
    assert draws.dtype == np.float32
    levels = draws.mean(axis=(1, 2))
    tilts = (draws[..., -1] - draws[..., 0]).mean(axis=1) / 2
    assert 0.2 < levels.std() < 0.4
    assert 0.2 < tilts.std() < 0.4
    rest = draws - draws.mean(axis=1, keepdims=True)
    assert 0.095 < rest.std() < 0.105
