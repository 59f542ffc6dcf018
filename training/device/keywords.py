"""Keywords for a device: the twelve classes of Speech Commands through its front end."""

import os
from collections import defaultdict

from thresh.training.sets.keywords import CLASSES, SILENCE, Clip, load_keywords, split_of

from .spoken import SpokenClips


class DeviceKeywords(SpokenClips):
    """Twelve classes of clips of a second; all frames' outputs decide.

    Parameters
    ----------
    directory : path or None
    """

    name, model = "device-keywords", "keywords-gru128"
    units, outputs = 128, len(CLASSES)
    classes = CLASSES
    unit = "% of the clips wrong"
    goal = "at least 10 times fewer fetches at no more than 0.5 points more clips wrong, int8"
    wanted = 10.0
    inputs_are = "20 bands of magnitudes at 100 frames a second (the front end is in the file)"
    split = (
        "a tenth of the speakers of Speech Commands' test set (crc32 of their hash, modulo 10, "
        "is 0); another tenth validates"
    )
    licence = "CC BY 4.0: trained on Speech Commands (P. Warden)"
    pretraining, training, size = 30, 12, 32
    then_rate = 1e-3
    thresholds = (0.5, 0.4)
    around = (0.5, 0.6, 0.707, 0.84, 1.0, 1.19, 1.41, 1.68)
    allowance = 0.5

    def __init__(self, directory: str | os.PathLike[str] | None) -> None:
        sides: dict[str, list[Clip]] = defaultdict(list)
        for clip in load_keywords(directory, 8000):
            sides[split_of(clip.speaker)].append(clip)
        super().__init__(sides, CLASSES.index(SILENCE))
