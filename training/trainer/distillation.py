"""Distillation: a network follows the posteriors of another, or of itself as it began."""

import copy

import torch
from torch import Tensor, nn

from .batches import Padded
from .net import Net


class Teacher:
    """A copy of a network as it is, without thresholds, that says what every frame's output is.

    Parameters
    ----------
    net : Net

    Raises
    ------
    ValueError
        When it has one output, which has no posterior.
    """

    def __init__(self, net: Net) -> None:
        if net.linear.out_features < 2:
            raise ValueError("Distillation needs the posteriors of two classes or more: there is 1")
        self.net = copy.deepcopy(net).eval()
        self.net.gru.fix_thresholds()
        self.net.set_thresholds(0.0, 0.0)

    def cost(self, outputs: Tensor, batch: Padded) -> Tensor:
        """Divergence of a network's posteriors from these, a frame, in nats.

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
            wanted = self.net(batch.x).outputs.log_softmax(2)
        each = nn.functional.kl_div(
            outputs.log_softmax(2), wanted.to(outputs.dtype), reduction="none", log_target=True
        )  # fmt: skip
        return (each.sum(2) * batch.valid).sum() / batch.valid.sum()
