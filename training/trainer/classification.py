"""Sequences that belong to one class each: one decision at the end."""

import numpy as np
import torch
from torch import Tensor, nn

from .batches import Item
from .corpus import Corpus
from .task import Score, Task

SMOOTHING = 0.05
"""Share of a label that all classes have in the loss of training."""


def decide(outputs: Tensor, lengths: Tensor, decision: str) -> Tensor:
    """One score per class and sequence.

    Parameters
    ----------
    outputs : Tensor, shape (batch, steps, classes)
    lengths : Tensor of int64, shape (batch,)
    decision : str
        ``"mean"`` over the valid steps, or ``"last"`` of them.

    Returns
    -------
    Tensor, shape (batch, classes)
    """
    if decision == "last":
        return outputs[torch.arange(len(outputs)), lengths - 1]
    valid = torch.arange(outputs.shape[1]) < lengths[:, None]
    return (outputs * valid[..., None]).sum(1) / lengths[:, None]


class Classification(Task):
    """A task of corpora by split.

    Attributes
    ----------
    corpora : dict of Corpus
        ``train``, ``validation`` and, where there is one, ``test``.
    longest : int or None
        Steps of a sequence that are trained on.
    """

    decision = "mean"
    unit = "% of the sequences wrong"
    corpora: dict[str, Corpus]
    longest: int | None = None

    @property
    def digest(self) -> int:
        """Of what is trained and validated on."""
        return (self.corpora["train"].digest << 32) | self.corpora["validation"].digest

    def groups(self, size: int, draw: np.random.Generator) -> list[list[Item]]:
        """A random copy of every recording."""
        return self.corpora["train"].shuffled(size, draw, self.longest)

    def items(self, split: str) -> list[Item]:
        """Whole recordings."""
        return self.corpora[split].items()

    def loss(self, outputs: Tensor, lengths: Tensor, targets: tuple) -> Tensor:
        """Cross entropy of the decisions, labels smoothed."""
        scores = decide(outputs, lengths, self.decision)
        return nn.functional.cross_entropy(scores, torch.tensor(targets), label_smoothing=SMOOTHING)

    def score(self, outputs: list[np.ndarray], targets: list) -> Score:
        """Sequences wrong, and cross entropy without smoothing."""
        last = self.decision == "last"
        rows = [y[-1] if last else y.mean(axis=0, dtype=np.float64) for y in outputs]
        scores, wanted = torch.from_numpy(np.stack(rows)), torch.tensor(targets)
        right = 100 * int((scores.argmax(1) == wanted).sum()) / len(targets)
        loss = float(nn.functional.cross_entropy(scores, wanted))
        return Score(error=100 - right, loss=loss, more={"accuracy": right})
