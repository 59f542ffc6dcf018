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
    unused : int
        Weights in ``work.delta`` for states of a sequence's last step in their own layer, which has
        no next step to fetch for.
    """

    score: Score
    work: Work
    tallies: np.ndarray
    unused: int

    @property
    def reduction(self) -> float | None:
        """Dense over delta fetches as `thresh.sim.golden_runs.total_work` has them; None for no
        fetch."""
        delta = self.work.delta - self.unused
        return self.work.dense / delta if delta else None


def evaluate(net: Net, task: Task, items: list[Item]) -> Outcome:
    """Score and work of the network as it is set, without what disturbs it in training."""
    outputs, work, unused = _run(net, items)
    tallies = task.tallies(outputs, [item.target for item in items])
    score = task.score_of(tallies.sum(axis=0))
    return Outcome(score=score, work=work, tallies=tallies, unused=unused)


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
    outputs = outputs_of(net, items)
    return [np.rint(one.astype(np.float64) * 2**output_frac).astype(np.int64) for one in outputs]


def _run(net: Net, items: list[Item]) -> tuple[list[Any], Work, int]:
    """Outputs of every sequence, float32, the work, and what of it an `Outcome` calls unused."""
    outputs: list[Any] = [None] * len(items)
    work, unused, training = Work(), 0, net.training
    net.eval()
    with torch.no_grad():
        for places, batch in in_order(items, SIZE):
            run = net(batch.x)
            work += net.work(run, batch.valid)
            last = torch.arange(batch.x.shape[1]) == batch.lengths[:, None] - 1
            for layer, (_, weight_h) in zip(run.trace.layers, net.weights, strict=True):
                unused += int((layer.fired_h * last).sum()) * len(weight_h)
            for place, row, length in zip(places, run.outputs, batch.lengths, strict=True):
                outputs[place] = row[:length].numpy().astype(np.float32)
    net.train(training)
    return outputs, work, unused
