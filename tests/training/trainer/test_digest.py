"""Digests of recordings: what they tell apart."""

import numpy as np
import pytest

from thresh.training.trainer.digest import digest_of

ONE = (np.arange(6, dtype=np.int16), [1, 2], "a")


def test_equal_recordings_have_one_digest():
    x = np.arange(12, dtype=np.int16)[::2] // 2
    assert digest_of([ONE]) == digest_of(((x, [np.int64(1), 2], "a"),))


@pytest.mark.parametrize(
    "other",
    [
        [(ONE[0].reshape(2, 3), *ONE[1:])],
        [(ONE[0].astype(np.uint16), *ONE[1:])],
        [(ONE[0], [2, 1], "a")],
        [(ONE[0], [12], "a")],
        [(*ONE[:2], "b")],
        [ONE, ONE],
        [],
    ],
    ids=["shape", "kind", "order", "numbers", "source", "twice", "none"],
)
def test_others_have_others(other):
    assert digest_of(other) != digest_of([ONE])
