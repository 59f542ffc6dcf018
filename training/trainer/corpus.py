"""Labelled sequences of integers, with variations of each."""

from collections.abc import Sequence

import numpy as np

from .batches import Item, alike


class Corpus:
    """Feature sequences and their classes.

    Parameters
    ----------
    copies : list of list of ndarray of int16, each of shape (steps, inputs)
        Of each recording itself, then of its variations, the same number for each.
    labels : sequence of int
        Class numbers.
    frac : int
        Fraction bits with which the integers are read.
    sources : sequence of str
        Whom each recording is of; nobody is named when it is empty.
    """

    def __init__(
        self, copies: list[list[np.ndarray]], labels: Sequence[int], frac: int,
        sources: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.copies, self.labels, self.frac = copies, np.asarray(labels), frac
        self.sources = sources or [""] * len(copies)

    def __len__(self) -> int:
        return len(self.copies)

    def item(self, place: int, copy: int = 0, longest: int | None = None) -> Item:
        """A sequence, cut to ``longest`` steps."""
        x = (self.copies[place][copy][:longest] / 2.0**self.frac).astype(np.float32)
        return Item(x=x, target=int(self.labels[place]), source=self.sources[place])

    def items(self) -> list[Item]:
        """The recordings themselves, whole."""
        return [self.item(place) for place in range(len(self))]

    def shuffled(
        self, size: int, draw: np.random.Generator, longest: int | None = None, *,
        varied: bool = True,
    ) -> list[list[Item]]:  # fmt: skip
        """One epoch: a random copy of each recording, in groups that are alike in length."""
        order = draw.permutation(len(self))
        copies = len(self.copies[0]) if varied else 1
        choice = draw.integers(0, copies, len(self)).tolist()
        lengths = [len(copies[copy]) for copies, copy in zip(self.copies, choice, strict=True)]
        return [
            [self.item(place, choice[place], longest) for place in group]
            for group in alike(order, lengths, size, draw)
        ]
