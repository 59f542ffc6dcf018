"""Announcements of whole recordings at any thresholds, and the thresholds that suit them best."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .spotter import NEVER, Spotter

MOST_TRIED = 200
"""Thresholds tried by `fit_spotter`, evenly spread over the scores that occur."""


def smoothed(outputs: np.ndarray, shift: int) -> np.ndarray:
    """Scores of a sequence as a `Spotter` keeps them.

    Parameters
    ----------
    outputs : ndarray of int, shape (steps, classes)
    shift : int
        As `Spotter.shift`.

    Returns
    -------
    ndarray of int64, of the same shape
    """
    outputs = np.asarray(outputs, np.int64)
    scores, state = np.empty_like(outputs), np.zeros(outputs.shape[1], np.int64)
    for step, row in enumerate(outputs):
        state += (row - state) >> shift
        scores[step] = state
    return scores


def announcements(scores: np.ndarray, spotter: Spotter) -> list[tuple[int, int]]:
    """What a spotter announces of a sequence whose smoothed scores are known.

    Parameters
    ----------
    scores : ndarray of int, shape (steps, classes)
        From `smoothed`.
    spotter : Spotter

    Returns
    -------
    list of (step, class)
    """
    best = scores.argmax(axis=1)
    levels = scores[np.arange(len(scores)), best]
    places = np.nonzero(levels > np.array(spotter.thresholds)[best])[0]
    heard, after = [], 0
    while (at := np.searchsorted(places, after)) < len(places):
        step = int(places[at])
        heard.append((step, int(best[step])))
        after = step + spotter.refractory[heard[-1][1]] + 1
    return heard


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A spotter and what it announced of the clips that it was chosen on.

    Parameters
    ----------
    spotter : Spotter
    right, clips : int
        Clips announced as they should be, of so many.
    """

    spotter: Spotter
    right: int
    clips: int


def announced_rightly(heard: Sequence[tuple[int, int]], label: int, silent: Sequence[int]) -> bool:
    """Its class alone, once or more often; nothing where the class is never announced."""
    names = {name for _, name in heard}
    return names == (set() if label in silent else {label})


def fit_spotter(
    outputs: Sequence[np.ndarray], labels: Sequence[int], *, shifts: Sequence[int],
    refractory: int, silent: Sequence[int] = (),
) -> Fit:  # fmt: skip
    """The average and the threshold, one for all words, that announce most clips rightly.

    Among equals the shorter average is taken, and of thresholds the middle one.

    Parameters
    ----------
    outputs : sequence of ndarray of int, each of shape (steps, classes)
        Of clips that hold one word each, or none.
    labels : sequence of int
        Their classes.
    shifts : sequence of int
        Averages that are tried, as `Spotter.shift`.
    refractory : int
        Steps after an announcement without another.
    silent : sequence of int
        Classes that are never announced.

    Raises
    ------
    ValueError
        When there are no clips.
    """
    if not len(outputs):
        raise ValueError("A threshold is chosen on clips, and there are none")
    classes = outputs[0].shape[1]
    fits = []
    for shift in sorted(shifts):
        scores = [smoothed(one, shift) for one in outputs]
        levels = np.unique(np.concatenate([one.max(axis=1) for one in scores]).clip(None, NEVER))
        tried = levels[np.linspace(0, len(levels) - 1, min(MOST_TRIED, len(levels))).astype(int)]
        found = []
        for level in tried.tolist():
            spotter = Spotter(
                shift=shift,
                thresholds=tuple(NEVER if c in silent else level for c in range(classes)),
                refractory=(refractory,) * classes,
            )
            right = sum(
                announced_rightly(announcements(one, spotter), label, silent)
                for one, label in zip(scores, labels, strict=True)
            )
            found.append(Fit(spotter=spotter, right=right, clips=len(outputs)))
        most = max(one.right for one in found)
        equals = [one for one in found if one.right == most]
        fits.append(equals[len(equals) // 2])
    return max(fits, key=lambda one: one.right)
