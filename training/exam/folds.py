"""Folds: everything is tested once, and nothing chooses on what tests it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

COUNT = 5
"""Folds, where there is enough for as many."""


@dataclass(frozen=True, kw_only=True)
class Fold:
    """Places of sequences: those that train, validate and test."""

    train: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]


def parts(clusters: Sequence[str], count: int = COUNT, seed: int = 0) -> list[tuple[int, ...]]:
    """Places of sequences in ``count`` parts of about the same size; no cluster is in two.

    Parameters
    ----------
    clusters : sequence of str
        Whom, or which take, each sequence is of.
    count, seed : int

    Raises
    ------
    ValueError
        When there are fewer clusters than parts, or fewer than three parts.
    """
    sizes = Counter(clusters)
    if count < 3:
        raise ValueError(f"Folds train, validate and test: at least 3 are needed, not {count!r}")
    if len(sizes) < count:
        raise ValueError(f"{count} folds need as many clusters, and there are {len(sizes)}")
    names = sorted(sizes)
    order = [names[place] for place in np.random.default_rng(seed).permutation(len(names))]
    homes: dict[str, int] = {}
    filled = [0] * count
    for name in sorted(order, key=lambda name: -sizes[name]):
        home = filled.index(min(filled))
        homes[name] = home
        filled[home] += sizes[name]
    return [
        tuple(place for place, name in enumerate(clusters) if homes[name] == part)
        for part in range(count)
    ]


def divide(
    every: Sequence[Any], clusters: Sequence[str], fold: int, count: int = COUNT, seed: int = 0
) -> dict[str, list[Any]]:
    """``train``, ``validation`` and ``test`` of a fold.

    Parameters
    ----------
    every : sequence
        What is divided.
    clusters : sequence of str
        Of each.
    fold, count, seed : int

    Raises
    ------
    ValueError
        When there is no such fold, or what `parts` raises.
    """
    if not 0 <= fold < count:
        raise ValueError(f"The fold must be 0 to {count - 1}, not {fold!r}")
    sides = asdict(folds(clusters, count, seed)[fold])
    return {name: [every[place] for place in places] for name, places in sides.items()}


def folds(clusters: Sequence[str], count: int = COUNT, seed: int = 0) -> list[Fold]:
    """Each part tests once, the one after it validates, and the others train.

    Parameters and errors are those of `parts`.
    """
    found = parts(clusters, count, seed)
    made = []
    for number in range(count):
        after = (number + 1) % count
        rest = [found[one] for one in range(count) if one not in (number, after)]
        train = tuple(sorted(place for part in rest for place in part))
        made.append(Fold(train=train, validation=found[after], test=found[number]))
    return made
