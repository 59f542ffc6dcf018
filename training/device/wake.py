"""A wake word as a task: the highest averaged score of a clip says whether the word is in it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from thresh.training.sets.keywords import Clip
from thresh.training.trainer.batches import Item, shuffled

from .rooms import heard, masked
from .spoken import LogOf, SpokenClips

ELSE, WORD = 0, 1
"""Classes."""

SHIFT = 4
"""Average of the scores, as `thresh.audio.spotter.Spotter` has it."""

REACH = 96
"""Steps of the average that training keeps: all but 0.2 % of it."""

BEFORE, AFTER = 100, 40
"""Most steps of another clip before and after a clip in training."""

OTHERS = 3
"""Clips of something else for each of the word, drawn anew in every epoch."""


def averaged(outputs: Tensor) -> Tensor:
    """How far the word's average lies above that of everything else; shape (batch, steps)."""
    share = 2.0**-SHIFT
    kernel = share * (1 - share) ** torch.arange(REACH - 1, -1, -1, dtype=outputs.dtype)
    margin = (outputs[..., WORD] - outputs[..., ELSE])[:, None]
    padded = nn.functional.pad(margin, (REACH - 1, 0))
    return nn.functional.conv1d(padded, kernel[None, None])[:, 0]


class WakeWord(SpokenClips):
    """Clips with a word, and of everything else.

    A clip's score is the largest average over its steps, as a device decides. In training another
    clip stands before it and behind it, since a device never begins anew.

    Parameters
    ----------
    sides : dict of list of Clip
        Of classes `ELSE` and `WORD`.
    word : str
    log_of : callable, optional
        As `SpokenClips` has it.
    """

    name, decision = "wake word", "none"
    units, outputs, size = 64, 2, 16
    unit = "% of the clips wrong"
    pretraining, training = 30, 20
    thresholds, allowance = (0.5, 0.4), 0.5

    def __init__(
        self, sides: Mapping[str, Sequence[Clip]], word: str, log_of: LogOf | None = None
    ) -> None:
        super().__init__(sides, log_of=log_of)
        self.classes = ("_else_", word)
        labels = self.corpora["train"].labels
        self.own = np.nonzero(labels == WORD)[0]
        self.others = np.nonzero(labels == ELSE)[0]

    def groups(self, size: int, draw: np.random.Generator, varied: bool = True) -> list[list[Item]]:
        """Every clip of the word, and some of the others."""
        count = min(len(self.others), OTHERS * len(self.own))
        chosen = [*self.own, *draw.choice(self.others, count, replace=False)]
        items = [self._item(int(place), draw, varied) for place in chosen]
        return shuffled(items, size, draw)

    def _item(self, place: int, draw: np.random.Generator, varied: bool) -> Item:
        item = self.corpora["train"].item(place)
        around = [self.logs[int(draw.choice(self.others))] for _ in range(2)]
        lengths = (int(draw.integers(BEFORE + 1)), int(draw.integers(AFTER + 1)))
        before, after = around[0][-lengths[0] - 1 :], around[1][: lengths[1]]
        log = np.concatenate((before, self.logs[place], after))
        if not varied:
            return replace(item, x=self._features(log))
        return replace(item, x=masked(self._features(heard(log, self.noises, draw)), draw))

    def loss(self, outputs: Tensor, lengths: Tensor, targets: tuple) -> Tensor:
        """Cross entropy of the largest average and of a soft one, word and else weighing the same.

        The largest is what a device goes by; the soft one, the mean of all steps' odds, lets every
        step learn from the begin.
        """
        valid = torch.arange(outputs.shape[1]) < lengths[:, None]
        averages = averaged(outputs).masked_fill(~valid, -torch.inf)
        soft = averages.logsumexp(dim=1) - lengths.log()
        wanted = torch.tensor(targets, dtype=soft.dtype)
        weight = torch.tensor(float(OTHERS), dtype=soft.dtype)
        costs = [
            nn.functional.binary_cross_entropy_with_logits(scores, wanted, pos_weight=weight)
            for scores in (averages.amax(dim=1), soft)
        ]
        return torch.stack(costs).mean()

    def before_integers(self, net: nn.Module) -> None:
        """Take from both outputs their mean: a device compares the word's own with a threshold."""
        with torch.no_grad():
            for rows in (net.linear.weight, net.linear.bias):
                rows -= rows.mean(dim=0, keepdim=True)

    def tally(self, output: np.ndarray, target: int) -> np.ndarray:
        """One clip, whether it is wrong, and its cross entropy."""
        score = float(averaged(torch.from_numpy(output[None]).double()).max())
        entropy = float(np.logaddexp(0, -score if target == WORD else score))
        return np.array([1, (score > 0) != (target == WORD), entropy])
