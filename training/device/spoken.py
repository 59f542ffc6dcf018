"""Clips of words as a task: the device's front end, and every clip in another room each epoch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from thresh.audio.magnitude_front_end import NORM_FRAC, MagnitudeFrontEnd
from thresh.training.sets.keywords import Clip
from thresh.training.trainer.batches import Item, shuffled
from thresh.training.trainer.classification import Classification
from thresh.training.trainer.corpus import Corpus

from .rooms import coloured, heard, masked

BANDS = 20
"""Bands: half of the usual number loses little and fires half as often."""

LogOf = Callable[[Clip], np.ndarray]
"""Gives logarithms of a clip's bands, int64 of shape (frames, bands)."""

ROOMS_SEED = 7
"""Of the noises, and of the rooms that the front end is fitted to."""


def device_front_end(rate: float = 8000, bands: int = BANDS) -> MagnitudeFrontEnd:
    """The front end of a device, its offsets and scales still to be fitted."""
    return MagnitudeFrontEnd(
        rate=rate, high_hz=int(rate / 2), bands=bands, offsets=(0,) * bands,
        scales=(1 << NORM_FRAC,) * bands,
    )  # fmt: skip


class SpokenClips(Classification):
    """Clips and their classes.

    Parameters
    ----------
    sides : dict of list of Clip
        ``train``, ``validation`` and, where there is one, ``test``.
    silence : int or None
        Class of the clips that are noises of rooms, where there is one.
    log_of : callable, optional
        Logarithms of a clip by `device_front_end`, where they are known already.
    """

    inputs = BANDS

    def __init__(
        self, sides: Mapping[str, Sequence[Clip]], silence: int | None = None,
        log_of: LogOf | None = None,
    ) -> None:  # fmt: skip
        raw, draw = device_front_end(bands=self.inputs), np.random.default_rng(ROOMS_SEED)
        known = log_of or (lambda clip: raw.log_mel(clip.pcm))
        logs = {side: [known(one) for one in sides[side]] for side in sides}
        self.logs = logs["train"]
        self.noises = coloured(raw, draw) + [
            log for log, one in zip(self.logs, sides["train"], strict=True) if one.label == silence
        ]
        elsewhere = [heard(log, self.noises, draw) for log in self.logs]
        self.front_end = raw.fitted(np.concatenate(self.logs + elsewhere))
        self.corpora = {side: self._corpus(sides[side], logs[side]) for side in sides}

    def _corpus(self, clips: Sequence[Clip], logs: list[np.ndarray]) -> Corpus:
        copies = [[self.front_end.normalise(log).astype(np.int16)] for log in logs]
        labels, speakers = [one.label for one in clips], [one.speaker for one in clips]
        return Corpus(copies, labels, self.front_end.x_frac, speakers)

    def front_end_of(self) -> dict[str, Any]:
        """The front end as fitted to the training clips."""
        return self.front_end.to_dict()

    def groups(self, size: int, draw: np.random.Generator, varied: bool = True) -> list[list[Item]]:
        """Every clip once, in another room where it is varied."""
        return shuffled(self.epoch(draw, varied), size, draw)

    def epoch(self, draw: np.random.Generator, varied: bool = True) -> list[Item]:
        """Clips in other rooms, or as they are."""
        items = self.items("train")
        if not varied:
            return items
        return [
            replace(item, x=masked(self._features(heard(log, self.noises, draw)), draw))
            for item, log in zip(items, self.logs, strict=True)
        ]

    def _features(self, log: np.ndarray) -> np.ndarray:
        scale = 2.0**self.front_end.x_frac
        return (self.front_end.normalise(log) / scale).astype(np.float32)
