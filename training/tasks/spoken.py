"""Clips of words as a task: the device's front end, and every clip in another room each epoch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from thresh.audio.magnitude_front_end import MagnitudeFrontEnd
from thresh.training.sets.keywords import Clip
from thresh.training.sets.rooms import by_another_microphone, coloured, heard, masked
from thresh.training.trainer.batches import Item, shuffled
from thresh.training.trainer.classification import Classification
from thresh.training.trainer.corpus import Corpus

BANDS = 20
"""Bands: half of the usual number loses little and fires half as often."""

LogOf = Callable[[Clip], np.ndarray]
"""Gives logarithms of a clip's bands, int64 of shape (frames, bands)."""

ROOMS_SEED = 7
"""Of the noises, and of the rooms that the front end is fitted to."""

ROOMS = 12
"""In which each training clip is heard; every epoch draws among them."""

NOISY, MASKED = 0.7, 0.5
"""Share of them that may have a noise, which `heard` gives to a share of its own of these, so that
half of all have one; and share of an epoch's clips of which parts are left out."""


def device_front_end(rate: float = 8000, bands: int = BANDS) -> MagnitudeFrontEnd:
    """The front end of a device, its offsets and scales still to be fitted."""
    return MagnitudeFrontEnd(
        rate=rate, high_hz=int(rate / 2), bands=bands, offsets=(0,) * bands,
        scales=(MagnitudeFrontEnd.ONE,) * bands,
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

    @cached_property
    def variations(self) -> list[np.ndarray]:
        """Every training clip as `ROOMS` other speakers, microphones and rooms make it.

        Each is of int16 and shape (rooms, frames, bands).
        """
        draw = np.random.default_rng(ROOMS_SEED)
        return [
            np.stack([self._variation(log, draw) for _ in range(ROOMS)]) for log in self.logs
        ]  # fmt: skip

    def _variation(self, log: np.ndarray, draw: np.random.Generator) -> np.ndarray:
        noises = self.noises if draw.random() < NOISY else ()
        other = heard(by_another_microphone(log, draw), noises, draw, warp=True)
        return self.front_end.normalise(other).astype(np.int16)

    def epoch(self, draw: np.random.Generator, varied: bool = True) -> list[Item]:
        """Clips elsewhere, parts of them left out, or as they are."""
        items = self.items("train")
        if not varied:
            return items
        rooms = draw.integers(ROOMS, size=len(items))
        scale = np.float32(2.0**-self.front_end.x_frac)
        varied_items = []
        for item, several, room in zip(items, self.variations, rooms, strict=True):
            x = several[room] * scale
            if draw.random() < MASKED:
                x = masked(x, draw)
            varied_items.append(replace(item, x=x))
        return varied_items

    def _features(self, log: np.ndarray) -> np.ndarray:
        scale = 2.0**self.front_end.x_frac
        return (self.front_end.normalise(log) / scale).astype(np.float32)
