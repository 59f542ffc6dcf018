"""Keywords: ten words, silence and anything else, of unseen speakers."""

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from thresh.audio.front_end import FrontEnd
from thresh.training.exam.folds import divide
from thresh.training.sets.augment import vary_features
from thresh.training.sets.keywords import CLASSES, Clip, load_keywords, split_of
from thresh.training.trainer.batches import Item

from .audio_clips import AudioClips

EARLIER = 10
"""Most frames by which a clip begins earlier or later in training."""


class TwelveClasses:
    """What every network for the keywords is trained for, and on whom it is tested."""

    units, outputs = 128, len(CLASSES)
    classes = CLASSES
    unit = "% of the clips wrong"
    goal = "at least 10 times fewer fetches at no more than 0.5 points more clips wrong, int8"
    wanted, allowance = 10.0, 0.5
    split = (
        "a tenth of the speakers of Speech Commands' test set (crc32 of their hash, modulo 10, "
        "is 0); another tenth validates"
    )
    licence = "CC BY 4.0: trained on Speech Commands (P. Warden)"


def usual_sides(clips: Iterable[Clip]) -> dict[str, list[Clip]]:
    """Clips of the split that comes with the set."""
    sides: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        sides[split_of(clip.speaker)].append(clip)
    return sides


class Keywords(TwelveClasses, AudioClips):
    """Twelve classes of clips of a second; all frames' outputs decide.

    Parameters
    ----------
    directory : path or None
    fold : int or None
        Folds are over the speakers.
    """

    name, model = "keywords", "keywords-gru128"
    inputs = 40
    inputs_are = "40 log-mel bands at 100 frames a second (the front end is in the file)"
    pretraining, training, size = 40, 30, 64
    then_rate = 1e-3
    thresholds, activity, straight = (0.5, 0.3), 0.5, True
    around = (0.6, 0.707, 0.84, 1.0, 1.19, 1.41, 1.68)
    zeros, folds = 0.75, 5

    def __init__(self, directory: str | os.PathLike[str] | None, fold: int | None = None) -> None:
        raw = FrontEnd()
        clips = load_keywords(directory, raw.rate)
        sides = (
            usual_sides(clips) if fold is None
            else divide(clips, [clip.speaker for clip in clips], fold, self.folds)
        )  # fmt: skip
        logs = {side: [raw.log_mel(one.pcm) for one in sides[side]] for side in sides}
        super().__init__(raw.fitted(np.concatenate(logs["train"])), sides, logs)

    def epoch(self, draw: np.random.Generator, varied: bool = True) -> list[Item]:
        """Clips a little earlier or later, by another voice and microphone, or as they are."""
        if not varied:
            return self.items("train")
        items = []
        for item in self.items("train"):
            frames = np.arange(len(item.x)) + int(draw.integers(-EARLIER, EARLIER + 1))
            x = item.x[frames.clip(0, len(item.x) - 1)]
            items.append(replace(item, x=vary_features(x, draw)))
        return items
