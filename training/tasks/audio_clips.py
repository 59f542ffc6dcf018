"""Clips and their classes behind a front end, as a task."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from thresh.audio.front_end import FrontEnd
from thresh.audio.magnitude_front_end import MagnitudeFrontEnd
from thresh.training.sets.keywords import Clip
from thresh.training.trainer.batches import Item, shuffled
from thresh.training.trainer.classification import Classification
from thresh.training.trainer.corpus import Corpus


class AudioClips(Classification):
    """Clips and their classes.

    Parameters
    ----------
    front_end : FrontEnd or MagnitudeFrontEnd
        Fitted to the training clips.
    sides : dict of list of Clip
        ``train``, ``validation`` and, where there is one, ``test``.
    logs : dict of list of ndarray of int64, each of shape (frames, bands)
        Logarithms of every clip by the front end.
    """

    def __init__(
        self, front_end: FrontEnd | MagnitudeFrontEnd, sides: Mapping[str, Sequence[Clip]],
        logs: Mapping[str, Sequence[np.ndarray]],
    ) -> None:  # fmt: skip
        self.front_end = front_end
        self.corpora = {side: self._corpus(sides[side], logs[side]) for side in sides}

    def _corpus(self, clips: Sequence[Clip], logs: Sequence[np.ndarray]) -> Corpus:
        copies = [[self.front_end.normalise(log).astype(np.int16)] for log in logs]
        labels, speakers = [one.label for one in clips], [one.speaker for one in clips]
        return Corpus(copies, labels, self.front_end.x_frac, speakers)

    def front_end_of(self) -> dict[str, Any]:
        """The front end as fitted to the training clips."""
        return self.front_end.to_dict()

    def groups(self, size: int, draw: np.random.Generator, varied: bool = True) -> list[list[Item]]:
        """Every clip once, varied or as it is."""
        return shuffled(self.epoch(draw, varied), size, draw)
