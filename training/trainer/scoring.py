"""Score and work of a network on a split."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from .batches import Item, in_order
from .net import Net
from .task import Score, Task
from .work import Work

SIZE = 256
"""Sequences that are run side by side."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A network on a split.

    Parameters
    ----------
    score : Score
    work : Work
    tallies : ndarray, shape (sequences, sums)
        What each sequence adds to the score; see `thresh.training.trainer.task.Task.tally`.
    """

    score: Score
    work: Work
    tallies: np.ndarray


def evaluate(net: Net, task: Task, items: list[Item]) -> Outcome:
    """Score and work of the network as it is set, without what disturbs it in training."""
    outputs, work = _run(net, items)
    tallies = task.tallies(outputs, [item.target for item in items])
    return Outcome(score=task.score_of(tallies.sum(axis=0)), work=work, tallies=tallies)


def outputs_of(net: Net, items: list[Item]) -> list[np.ndarray]:
    """Outputs of every sequence as the network is set; float32, each of shape (steps, outputs)."""
    return _run(net, items)[0]


def integer_outputs(net: Net, items: list[Item], output_frac: int) -> list[np.ndarray]:
    """Outputs of a quantised network as the golden model has them.

    Parameters
    ----------
    net : Net
        Quantised.
    items : list of Item
    output_frac : int
        Fraction bits of the outputs.

    Returns
    -------
    list of ndarray of int64, each of shape (steps, outputs)
    """
    outputs, _ = _run(net, items)
    return [np.rint(one.astype(np.float64) * 2**output_frac).astype(np.int64) for one in outputs]


def _run(net: Net, items: list[Item]) -> tuple[list[Any], Work]:
    """Outputs of every sequence, float32, and the work."""
    outputs: list[Any] = [None] * len(items)
    work, training = Work(), net.training
    net.eval()
    with torch.no_grad():
        for places, batch in in_order(items, SIZE):
            run = net(batch.x)
            work += net.work(run, batch.valid)
            for place, row, length in zip(places, run.outputs, batch.lengths, strict=True):
                outputs[place] = row[:length].numpy().astype(np.float32)
    net.train(training)
    return outputs, work
