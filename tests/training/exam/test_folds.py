"""Folds: everything tested once, no cluster on two sides."""

from collections import Counter

import numpy as np
import pytest

from thresh.training.exam.folds import folds, parts

CLUSTERS = [f"speaker {n}" for n in np.random.default_rng(1).integers(0, 23, 400)]


def test_everything_is_tested_once_and_validated_once():
    made = folds(CLUSTERS)
    for split in ("test", "validation"):
        assert Counter(place for fold in made for place in getattr(fold, split)) == Counter(
            range(400)
        )
    for fold in made:
        assert sorted(fold.train + fold.validation + fold.test) == list(range(400))


def test_no_cluster_is_on_two_sides():
    for fold in folds(CLUSTERS):
        sides = [
            {CLUSTERS[place] for place in side} for side in (fold.train, fold.validation, fold.test)
        ]
        assert sum(map(len, sides)) == len(set.union(*sides))


def test_parts_are_of_about_the_same_size():
    sizes = [len(part) for part in parts(CLUSTERS)]
    assert max(sizes) - min(sizes) < max(Counter(CLUSTERS).values())


def test_the_seed_decides_and_the_order_of_sequences_does_not():
    assert parts(CLUSTERS, seed=1) == parts(CLUSTERS, seed=1)
    assert parts(CLUSTERS, seed=1) != parts(CLUSTERS, seed=2)
    names = [{CLUSTERS[place] for place in part} for part in parts(CLUSTERS)]
    turned = CLUSTERS[::-1]
    assert names == [{turned[place] for place in part} for part in parts(turned)]


@pytest.mark.parametrize(
    ("clusters", "count", "text"),
    [("abca", 2, "at least 3 are needed, not 2"), ("abcab", 5, "5 folds need .* there are 3")],
)
def test_too_few_are_refused(clusters, count, text):
    with pytest.raises(ValueError, match=text):
        folds(clusters, count)
