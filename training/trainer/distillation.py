"""Distillation: a network follows the posteriors of another, or of itself as it began."""

import copy

import torch
from torch import Tensor, nn

from .batches import Padded
from .net import Net
from .task import Task


class Teacher:
    """A copy of a network as it is, without thresholds, that says what its posteriors are.

    Parameters
    ----------
    net : Net
    task : Task
        Says what posteriors are of: `thresh.training.trainer.task.Task.judged`.

    Raises
    ------
    ValueError
        When it has one output, which has no posterior.
    """

    def __init__(self, net: Net, task: Task) -> None:
        if net.linear.out_features < 2:
            raise ValueError("Distillation needs the posteriors of two classes or more: there is 1")
        self.judged = task.judged
        self.net = copy.deepcopy(net).eval()
        self.net.gru.fix_thresholds()
        self.net.set_thresholds(0.0, 0.0)

    def cost(self, outputs: Tensor, batch: Padded) -> Tensor:
        """Mean divergence of a network's posteriors from these, in nats.

        Parameters
        ----------
        outputs : Tensor, shape (batch, steps, classes)
            Of the network that learns.
        batch : Padded

        Returns
        -------
        Tensor, shape ()
        """
        with torch.no_grad():
            wanted, counts = self.judged(self.net(batch.x).outputs, batch)
            wanted = wanted.log_softmax(2)
        came = self.judged(outputs, batch)[0].log_softmax(2)
        each = nn.functional.kl_div(
            came, wanted.to(came.dtype), reduction="none", log_target=True
        )  # fmt: skip
        return (each.sum(2) * counts).sum() / counts.sum()
