"""What the digits recipe is trained on: recordings, synthesized takes, and variations of both."""

from dataclasses import dataclass

import numpy as np

from thresh.audio.front_ends import AnyFrontEnd
from thresh.training.sets.augment import vary
from thresh.training.sets.fsdd import DIGITS, Recording
from thresh.training.trainer.classification import Classification
from thresh.training.trainer.corpus import Corpus


def corpus_of(
    recordings: list[Recording], front_end: AnyFrontEnd, variations: int = 0, seed: int = 0
) -> Corpus:
    """Features of recordings, and of ``variations`` of each."""
    draw = np.random.default_rng(seed)
    copies = [
        [
            front_end.features(pcm).astype(np.int16)
            for pcm in (one.pcm, *_variations(one.pcm, variations, draw))
        ]
        for one in recordings
    ]
    return Corpus(copies, [one.digit for one in recordings], front_end.x_frac)


def _variations(pcm: np.ndarray, count: int, draw: np.random.Generator) -> list[np.ndarray]:
    return [vary(pcm, draw) for _ in range(count)]


@dataclass(kw_only=True)
class SpokenDigits(Classification):
    """Single spoken digits.

    Parameters
    ----------
    front_end : AnyFrontEnd
        Fitted to the training set.
    corpora : dict of Corpus
        ``train`` and ``validation``; the test is not seen here.
    decision : str
    """

    front_end: AnyFrontEnd
    corpora: dict[str, Corpus]
    decision: str = "mean"
    name = "spoken digits"
    classes = DIGITS
    size, longest = 64, 90
