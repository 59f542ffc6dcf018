"""Sequences with targets, and padded batches of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

POOL = 8
"""Batches' worth of sequences that are sorted by length together."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Item:
    """One sequence.

    Parameters
    ----------
    x : ndarray of float32, shape (steps, inputs)
    target : Any
        What its task wants.
    source : str
        Speaker, patient or drive.
    """

    x: np.ndarray
    target: Any
    source: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Padded:
    """Sequences side by side, zero behind their ends.

    Parameters
    ----------
    x : Tensor of float32, shape (batch, steps, inputs)
    lengths : Tensor of int64, shape (batch,)
    targets : tuple
    """

    x: Tensor
    lengths: Tensor
    targets: tuple[Any, ...]

    @property
    def valid(self) -> Tensor:
        """Steps that belong to a sequence; bool, shape (batch, steps)."""
        return torch.arange(self.x.shape[1]) < self.lengths[:, None]


def pad(items: Sequence[Item]) -> Padded:
    """One batch of ``items``."""
    lengths = torch.tensor([len(item.x) for item in items])
    x = torch.zeros(len(items), int(lengths.max()), items[0].x.shape[1])
    for row, item in zip(x, items, strict=True):
        row[: len(item.x)] = torch.from_numpy(item.x)
    return Padded(x=x, lengths=lengths, targets=tuple(item.target for item in items))


def alike(
    order: np.ndarray, lengths: Sequence[int], size: int, draw: np.random.Generator
) -> list[list[int]]:
    """Places in groups of ``size`` that are alike in length.

    Parameters
    ----------
    order : ndarray of int, shape (sequences,)
        A permutation.
    lengths : sequence of int
        By place.
    size : int
    draw : numpy.random.Generator
        Of the groups' order.
    """
    pool, found = POOL * size, []
    for start in range(0, len(order), pool):
        part = sorted(order[start : start + pool].tolist(), key=lambda place: lengths[place])
        groups = [part[at : at + size] for at in range(0, len(part), size)]
        found += [groups[group] for group in draw.permutation(len(groups))]
    return found


def shuffled(items: Sequence[Item], size: int, draw: np.random.Generator) -> list[list[Item]]:
    """One epoch: every sequence once, in groups of ``size`` that are alike in length."""
    order = draw.permutation(len(items))
    groups = alike(order, [len(item.x) for item in items], size, draw)
    return [[items[place] for place in group] for group in groups]


def in_order(items: Sequence[Item], size: int) -> Iterable[tuple[list[int], Padded]]:
    """All sequences by length: their places, and the batch."""
    order = sorted(range(len(items)), key=lambda place: len(items[place].x))
    for start in range(0, len(order), size):
        places = order[start : start + size]
        yield places, pad([items[place] for place in places])
