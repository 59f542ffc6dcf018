"""A wake word as a task: the highest averaged score of a clip says whether the word is in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from thresh.audio.front_end import LOG_FRAC
from thresh.training.sets.keywords import Clip
from thresh.training.sets.rooms import Elsewhere, masked
from thresh.training.tasks.spoken import LogOf, SpokenClips
from thresh.training.trainer.batches import Item, shuffled
from thresh.training.trainer.net import Net
from thresh.training.trainer.scoring import outputs_of
from thresh.training.trainer.stage import Stage

ELSE, WORD, NOISE = 0, 1, 2
"""Classes of clips; a noise is something else, and is heard behind others too."""

SHIFT = 4
"""Average of the scores, as `thresh.audio.spotter.Spotter` has it."""

REACH = 96
"""Steps of the average that training keeps: all but 0.2 % of it."""

BEFORE, AFTER = 60, 30
"""Most steps of another clip before and after a clip in training."""

MARGIN = 20
"""Most steps of its own that a clip keeps before and after its sound."""

LONGEST, HOP = 150, 100
"""Most steps of something else in training, cut out anew in every epoch, and steps between the
places where that may be."""

BEHIND = 4
"""Least steps that are heard of something else from where it is hardest: its peak stands in the
second half of what is cut out."""

LATER, HOLD = 120, 40
"""Most steps of another clip after a word, and steps after its end from which it must be forgotten,
once a delta network is trained."""

NEVER = 1 << 20
"""Beyond every sequence."""

NOISY, OVER, MASKS = 0.5, (8.0, 40.0), 1
"""Share of the sequences with noise, decibels over it, and what is left out of a sequence: less
than of the keywords, for the word has fewer clips to learn it from."""

EARLY = 25
"""Steps before the end of a word from which it may be announced."""

OTHERS, PARTS = 3, 0.25
"""Clips of something else, and parts of the word alone, for each of the word; drawn anew in every
epoch."""

HARD = 0.03
"""Share of everything else that is the hardest, once a network is trained."""

BEGINS, ENDS = (0.3, 0.55), (0.45, 0.7)
"""Shares of a word at which its begin ends, and at which its end begins, where either is heard
alone and is something else."""

SOUND = 0.4
"""Where sound begins, between a clip's silence and its loudest step."""

PLAIN = Stage(name="plain", epochs=40, rate=5e-3, dropout=0.2)
"""The plain network, which says what the hardest clips are."""

DELTA = Stage(
    name="delta", epochs=24, rate=4e-3, threshold_x=0.4, threshold_h=0.3, activity_h=2.0,
    rise=0.3, dropout=0.2,
)  # fmt: skip
"""The delta network, after the plain one."""

AGAIN = replace(DELTA, name="again", epochs=10, rate=2e-3, rise=0.0)
"""The same once more, with what the delta network still takes for the word."""


@dataclass(frozen=True)
class Heard:
    """What is heard in a training sequence.

    Parameters
    ----------
    label : int
        `WORD` or `ELSE`.
    ready, gone : int
        Steps from which a word may be announced, and no longer; elsewhere there is something else.
    """

    label: int
    ready: int = 0
    gone: int = NEVER


def sounding(log: np.ndarray) -> tuple[int, int]:
    """First step of a clip's sound, and the step after its last.

    Parameters
    ----------
    log : ndarray of int64, shape (steps, bands)
        Logarithms of bands, in Q.`LOG_FRAC`.
    """
    level = log.mean(axis=1) / 2.0**LOG_FRAC
    level = np.convolve(level, np.full(5, 0.2), "same")[: len(level)]
    low, high = np.quantile(level, (0.1, 1.0))
    (loud,) = np.nonzero(level >= low + SOUND * (high - low))
    return int(loud[0]), int(loud[-1]) + 1


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
        super().__init__(sides, NOISE, log_of=log_of)
        self.classes = ("_else_", word)
        for corpus in self.corpora.values():
            corpus.labels = np.where(corpus.labels == WORD, WORD, ELSE)
        labels = self.corpora["train"].labels
        self.own = np.nonzero(labels == WORD)[0]
        self.others = np.nonzero(labels == ELSE)[0]
        self.windows = [
            (int(place), begin) for place in self.others
            for begin in range(0, max(1, len(self.logs[place]) - LONGEST + HOP), HOP)
        ]  # fmt: skip
        self.hardest, self.forgets = np.arange(len(self.windows)), False
        self.peaks: dict[int, int] = {}
        self.spans = {int(place): sounding(self.logs[place]) for place in self.own}

    def groups(self, size: int, draw: np.random.Generator, varied: bool = True) -> list[list[Item]]:
        """Every clip of the word, parts of some, and some of the others, half of the hardest."""
        every, words = np.arange(len(self.windows)), len(self.own)
        count = min(len(every), OTHERS * words)
        hard = draw.choice(self.hardest, min(count // 2, len(self.hardest)), replace=False)
        easy = draw.choice(np.setdiff1d(every, hard), count - len(hard), replace=False)
        parts = draw.choice(self.own, int(PARTS * words), replace=False)
        items = [self._word(int(place), draw, varied) for place in self.own]
        items += [self._part(int(place), draw, varied) for place in parts]
        items += [self._else(int(number), draw, varied) for number in (*hard, *easy)]
        return shuffled(items, size, draw)

    def _word(self, place: int, draw: np.random.Generator, varied: bool) -> Item:
        """A clip of the word, cut out of its silence."""
        first, last = self.spans[place]
        margins = draw.integers(MARGIN + 1, size=2)
        begin = max(0, first - int(margins[0]))
        log = self.logs[place][begin : last + int(margins[1])]
        return self._among(log, place, draw, varied, end=last - begin)

    def _part(self, place: int, draw: np.random.Generator, varied: bool) -> Item:
        """The begin or the end of a word alone."""
        first, last = self.spans[place]
        begin = draw.random() < 0.5
        share = draw.uniform(*(BEGINS if begin else ENDS))
        at = first + int(share * (last - first))
        log = self.logs[place][first:at] if begin else self.logs[place][at:last]
        return self._among(log, place, draw, varied)

    def _else(self, number: int, draw: np.random.Generator, varied: bool) -> Item:
        """Something else."""
        place = self.windows[number][0]
        begin = self._begin(number, draw)
        return self._among(self.logs[place][begin : begin + LONGEST], place, draw, varied)

    def _begin(self, number: int, draw: np.random.Generator) -> int:
        """Where something else is cut out: near its place, or around what is hard in it."""
        place, begin = self.windows[number]
        if number in self.peaks:
            begin = self.peaks[number] - int(draw.integers(LONGEST // 2, LONGEST - BEHIND))
        else:
            begin += int(draw.integers(-HOP // 2, HOP // 2 + 1))
        return min(max(begin, 0), max(0, len(self.logs[place]) - LONGEST))

    def _among(
        self, log: np.ndarray, place: int, draw: np.random.Generator, varied: bool,
        end: int | None = None,
    ) -> Item:  # fmt: skip
        """A clip between two others, in a room; where a word ends in it when it is one."""
        around = [self.logs[int(draw.choice(self.others))] for _ in range(2)]
        most = LATER if self.forgets and end is not None else AFTER
        lengths = (int(draw.integers(BEFORE + 1)), int(draw.integers(most + 1)))
        before, after = around[0][-lengths[0] - 1 :], around[1][: lengths[1]]
        log, source = np.concatenate((before, log, after)), self.corpora["train"].sources[place]
        target = Heard(ELSE)
        if end is not None:
            end += len(before)
            target = Heard(WORD, end - EARLY, end + HOLD if self.forgets else NEVER)
        if not varied:
            return Item(x=self._features(log), target=target, source=source)
        room = Elsewhere.drawn(self.noises, draw, warp=True, noisy=NOISY, over=OVER)
        if target.label == WORD:
            ready, gone = (room.step(at, len(log)) for at in (target.ready, target.gone))
            target = replace(target, ready=ready, gone=gone if target.gone < len(log) else NEVER)
        log = room.of(log)
        return Item(x=masked(self._features(log), draw, MASKS), target=target, source=source)

    def loss(self, outputs: Tensor, lengths: Tensor, targets: tuple) -> Tensor:
        """Cross entropy of the largest average and of a soft one, word and else weighing the same.

        The largest is what a device goes by; the soft one, the mean of all steps' odds, lets every
        step learn from the begin. What comes before a word, and long after it, is something else.
        """
        averages, steps = averaged(outputs), torch.arange(outputs.shape[1])
        ready, gone = torch.tensor([(one.ready, one.gone) for one in targets]).T[..., None]
        word = torch.tensor([target.label for target in targets], dtype=outputs.dtype)
        valid = steps < lengths[:, None]
        now = _highest(averages, valid & (steps >= ready) & (steps < gone))
        around = (steps < ready, valid & (steps >= gone))
        missed, false = nn.functional.softplus(-now), nn.functional.softplus(now)
        beside = sum(nn.functional.softplus(_highest(averages, part)) for part in around)
        return (word * (OTHERS * missed + beside) + (1 - word) * false).mean()

    def pretrained(self, net: nn.Module) -> None:
        """Find what the plain network takes most for the word; none is forgotten from now on."""
        self.peaks = self._find_hardest(net)
        self.forgets = False

    def refined(self, net: nn.Module) -> None:
        """The same of the delta network, and where in a clip; words are forgotten from now on."""
        self.peaks = self._find_hardest(net)
        self.forgets = True

    def _find_hardest(self, net: nn.Module) -> dict[int, int]:
        """Windows of everything else, and the steps of their highest averages."""
        assert isinstance(net, Net)
        items = [self.corpora["train"].item(int(place)) for place in self.others]
        runs = dict(zip(self.others.tolist(), outputs_of(net, items), strict=True))
        averages = {
            place: averaged(torch.from_numpy(one)[None])[0].numpy() for place, one in runs.items()
        }
        heard = [averages[place][begin : begin + LONGEST] for place, begin in self.windows]
        peaks = np.array([float(one.max()) for one in heard])
        hardest = np.argsort(-peaks, kind="stable")[: max(1, int(HARD * len(peaks)))]
        self.hardest = np.sort(hardest)
        return {int(n): self.windows[n][1] + int(heard[n].argmax()) for n in hardest}

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


def _highest(averages: Tensor, steps: Tensor) -> Tensor:
    """The largest and a soft average of some steps, far below 0 where there are none."""
    chosen = averages.masked_fill(~steps, -1e4)
    soft = chosen.logsumexp(dim=1) - steps.sum(dim=1).clamp_min(1).log()
    return torch.stack((chosen.amax(dim=1), soft))
