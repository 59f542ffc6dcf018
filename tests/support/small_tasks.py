"""Tasks that are trained in a second, and what a delta layer sends of given values."""

import numpy as np
import torch
from torch import Tensor

from thresh.training.layers.delta import Encoder, encode
from thresh.training.trainer.batches import Item
from thresh.training.trainer.task import Task


class Sums(Task):
    """The running mean of the inputs: small, and learned at once."""

    name, inputs, units, outputs, size = "sums", 2, 16, 1, 4
    thresholds = (0.1, 0.1)
    training = 2

    def epoch(self, draw, varied=True):
        return self.items("train")

    def items(self, split):
        draw = np.random.default_rng(len(split))
        items = []
        for steps in (9, 12, 7, 12, 10, 8):
            x = draw.standard_normal((steps, 2)).astype(np.float32)
            items.append(Item(x=x, target=x.mean(axis=1)))
        return items

    def loss(self, outputs, lengths, targets):
        each = zip(outputs, targets, strict=True)
        return sum(((y[: len(t), 0] - torch.from_numpy(t)) ** 2).mean() for y, t in each)

    def tally(self, output, target):
        return np.array([1.0, np.abs(output[:, 0] - target).mean()])

    @classmethod
    def error_of(cls, sums):
        return sums[..., 1] / sums[..., 0]


class Small(Sums):
    """A task that is trained in a second."""

    model, unit, goal = "sums-gru16", "mean error", "none"
    split, licence, inputs_are = "all of it", "none", "numbers"
    pretraining, training = 3, 2

    def __init__(self, directory=None):
        self.directory = directory


def references(values: Tensor, threshold: float | Tensor) -> Tensor:
    """Last value sent after each step, from a reference of zero.

    Parameters
    ----------
    values : Tensor, shape (batch, steps, size)
    threshold : float, or Tensor of shape (size,)

    Returns
    -------
    Tensor, shape (batch, steps, size)
    """
    level = torch.as_tensor(threshold, dtype=values.dtype, device=values.device)
    start = values.new_zeros(values.shape[0], values.shape[2])
    sent, _ = encode(
        values.transpose(0, 1), start, Encoder(threshold=level.expand(values.shape[2]))
    )
    return sent.transpose(0, 1)


def fired(sent: Tensor) -> Tensor:
    """Entries per step of references from `references`; int64, shape (batch, steps)."""
    before = torch.cat((torch.zeros_like(sent[:, :1]), sent[:, :-1]), dim=1)
    return torch.count_nonzero(sent - before, dim=2)
