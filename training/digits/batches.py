"""Features of recordings, and batches of them."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from thresh.audio.front_end import FrontEnd

from .augment import vary
from .data import Recording


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Padded sequences.

    Parameters
    ----------
    x : Tensor of float64, shape (batch, steps, bands)
        Features as real numbers; zero behind a sequence's end.
    lengths, digits : Tensor of int64, shape (batch,)
    """

    x: Tensor
    lengths: Tensor
    digits: Tensor

    @property
    def valid(self) -> Tensor:
        """Steps that belong to a sequence; bool, shape (batch, steps)."""
        return torch.arange(self.x.shape[1]) < self.lengths[:, None]


class Corpus:
    """Feature sequences of recordings and their variations.

    Parameters
    ----------
    recordings : list of Recording
    front_end : FrontEnd
    variations : int
        Variations of each recording, beside the recording itself.
    seed : int
    """

    def __init__(
        self, recordings: list[Recording], front_end: FrontEnd, variations: int = 0, seed: int = 0
    ) -> None:
        draw = np.random.default_rng(seed)
        self.frac = front_end.x_frac
        self.digits = np.array([recording.digit for recording in recordings])
        self.copies = [
            [front_end.features(recording.pcm).astype(np.int16)]
            + [
                front_end.features(vary(recording.pcm, draw)).astype(np.int16)
                for _ in range(variations)
            ]
            for recording in recordings
        ]

    @property
    def digest(self) -> int:
        """CRC-32 of every feature and label."""
        value = zlib.crc32(self.digits.tobytes())
        for copies in self.copies:
            for features in copies:
                value = zlib.crc32(features.tobytes(), value)
        return value

    def __len__(self) -> int:
        return len(self.copies)

    def shuffled(self, size: int, longest: int, draw: np.random.Generator) -> Iterator[Batch]:
        """One epoch: a random copy of each recording, cut to ``longest`` steps, alike in length."""
        order = draw.permutation(len(self))
        choice = draw.integers(0, len(self.copies[0]), len(self))
        pool = 8 * size
        for start in range(0, len(order), pool):
            part = order[start : start + pool]
            part = part[np.argsort([len(self.copies[n][choice[n]]) for n in part], kind="stable")]
            groups = [part[k : k + size] for k in range(0, len(part), size)]
            for group in draw.permutation(len(groups)):
                members = groups[group]
                yield self._batch(
                    [self.copies[n][choice[n]][:longest] for n in members], self.digits[members]
                )

    def in_order(self, size: int = 100) -> Iterator[Batch]:
        """The recordings themselves, whole, sorted by length."""
        order = np.argsort([len(copies[0]) for copies in self.copies], kind="stable")
        for start in range(0, len(order), size):
            members = order[start : start + size]
            yield self._batch([self.copies[n][0] for n in members], self.digits[members])

    def _batch(self, sequences: list[np.ndarray], digits: np.ndarray) -> Batch:
        lengths = np.array([len(sequence) for sequence in sequences])
        x = np.zeros((len(sequences), lengths.max(), sequences[0].shape[1]))
        for row, sequence in zip(x, sequences, strict=True):
            row[: len(sequence)] = sequence / 2.0**self.frac
        return Batch(x=torch.tensor(x), lengths=torch.tensor(lengths), digits=torch.tensor(digits))
