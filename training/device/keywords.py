"""Keywords for a device: the twelve classes of Speech Commands through its front end."""

import os

from thresh.training.sets.keywords import CLASSES, SILENCE, load_keywords
from thresh.training.tasks.keywords import TwelveClasses, usual_sides

from .spoken import SpokenClips


class DeviceKeywords(TwelveClasses, SpokenClips):
    """Twelve classes of clips of a second; all frames' outputs decide.

    Parameters
    ----------
    directory : path or None
    """

    name, model = "device-keywords", "keywords-gru128"
    inputs_are = "20 bands of magnitudes at 100 frames a second (the front end is in the file)"
    pretraining, training, size = 24, 14, 32
    rate, then_rate, dropout = 6e-3, 1.5e-3, 0.1
    thresholds = (0.4, 0.3)
    around = (0.6, 0.75, 0.84, 1.0, 1.19, 1.41)

    def __init__(self, directory: str | os.PathLike[str] | None) -> None:
        sides = usual_sides(load_keywords(directory, 8000))
        super().__init__(sides, CLASSES.index(SILENCE))
