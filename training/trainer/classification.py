"""Sequences that belong to one class each: one decision at the end."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from .batches import Item, Padded
from .corpus import Corpus
from .digest import digest_of
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
        """Of every recording of every split that there is, and of its variations."""
        return digest_of([
            [split, one.copies, one.labels, list(one.sources)]
            for split, one in self.corpora.items()
        ])  # fmt: skip

    def groups(self, size: int, draw: np.random.Generator, varied: bool = True) -> list[list[Item]]:
        """A random copy of every recording, or the recordings themselves."""
        return self.corpora["train"].shuffled(size, draw, self.longest, varied=varied)

    def items(self, split: str) -> list[Item]:
        """Whole recordings."""
        return self.corpora[split].items()

    def loss(self, outputs: Tensor, lengths: Tensor, targets: tuple) -> Tensor:
        """Cross entropy of the decisions, labels smoothed."""
        scores = decide(outputs, lengths, self.decision)
        return nn.functional.cross_entropy(scores, torch.tensor(targets), label_smoothing=SMOOTHING)

    def judged(self, outputs: Tensor, batch: Padded) -> tuple[Tensor, Tensor]:
        """A sequence's decision, where it has one."""
        if self.decision == "none":
            return super().judged(outputs, batch)
        decided = decide(outputs, batch.lengths, self.decision)[:, None]
        return decided, torch.ones(decided.shape[:2], dtype=torch.bool)

    def tally(self, output: np.ndarray, target: int) -> np.ndarray:
        """One sequence, whether it is wrong, and its cross entropy without smoothing."""
        last = self.decision == "last"
        scores = output[-1].astype(np.float64) if last else output.mean(axis=0, dtype=np.float64)
        highest = scores.max()
        entropy = highest + np.log(np.exp(scores - highest).sum()) - scores[target]
        return np.array([1, scores.argmax() != target, entropy])

    @classmethod
    def error_of(cls, sums: np.ndarray) -> np.ndarray:
        """Sequences wrong, per cent."""
        return 100 * sums[..., 1] / sums[..., 0]

    @classmethod
    def figures_of(cls, sums: np.ndarray) -> dict[str, float]:
        """Sequences right, per cent."""
        return {"accuracy": float(100 * (sums[0] - sums[1]) / sums[0])}

    @classmethod
    def score_of(cls, sums: np.ndarray) -> Score:
        """With the cross entropy, which chooses an epoch."""
        return replace(super().score_of(sums), loss=float(sums[2] / sums[0]))
