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
    """A network on a split."""

    score: Score
    work: Work


def evaluate(net: Net, task: Task, items: list[Item]) -> Outcome:
    """Score and work of the network as it is set, without what disturbs it in training."""
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
    return Outcome(score=task.score(outputs, [item.target for item in items]), work=work)
