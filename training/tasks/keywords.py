"""Keywords: ten words, silence and anything else, of unseen speakers, as a device hears them."""

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from thresh.training.exam.folds import divide
from thresh.training.sets.keywords import CLASSES, SILENCE, Clip, load_keywords, split_of
from thresh.training.trainer.pairing import Pairing

from .spoken import SpokenClips

RATE = 8000
"""Of the front end, Hz."""


def usual_sides(clips: Iterable[Clip]) -> dict[str, list[Clip]]:
    """Clips of the split that comes with the set."""
    sides: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        sides[split_of(clip.speaker)].append(clip)
    return sides


class Keywords(SpokenClips):
    """Twelve classes of clips of a second; all frames' outputs decide.

    Parameters
    ----------
    directory : path or None
    fold : int or None
        Folds are over the speakers.
    """

    name, model = "keywords", "keywords-gru128"
    units, outputs = 128, len(CLASSES)
    classes = CLASSES
    unit = "% of the clips wrong"
    goal = (
        "at least 10 times fewer fetches, 20 with sparse columns, at no more than 0.5 points more "
        "clips wrong, int8"
    )
    wanted, wanted_sparse, allowance = 10.0, 20.0, 0.5
    split = (
        "a tenth of the speakers of Speech Commands' test set (crc32 of their hash, modulo 10, "
        "is 0); another tenth validates"
    )
    licence = "CC BY 4.0: trained on Speech Commands (P. Warden)"
    inputs_are = "20 bands of magnitudes at 100 frames a second (the front end is in the file)"
    pretraining, training, size = 24, 40, 32
    rate, then_rate, dropout = 6e-3, 3e-3, 0.1
    thresholds, activity, straight = (0.4, 0.3), 0.5, True
    around = (0.6, 0.707, 0.84, 1.0, 1.19, 1.41, 1.68)
    zeros, folds = 0.75, 5
    pairing = Pairing(
        epochs=80, integers=0, rate=5e-3, size=32, varied=True, dropout=0.1,
        thresholds=(0.35, 0.25), activity_h=5.0, follows=5.0,
    )  # fmt: skip
    sparse_pairing = replace(
        pairing, epochs=44, zeros=0.7, thresholds=(0.17, 0.24), activity_h=2.5
    )  # fmt: skip

    def __init__(self, directory: str | os.PathLike[str] | None, fold: int | None = None) -> None:
        clips = load_keywords(directory, RATE)
        sides = (
            usual_sides(clips) if fold is None
            else divide(clips, [clip.speaker for clip in clips], fold, self.folds)
        )  # fmt: skip
        super().__init__(sides, CLASSES.index(SILENCE))
