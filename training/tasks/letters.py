"""Letters of unseen speakers: CMU AN4's spelled words, numbers and commands; CTC."""

import os
import string
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from thresh.training.exam.folds import divide
from thresh.training.sets.find import find_files
from thresh.training.trainer.batches import Item
from thresh.training.trainer.pairing import Pairing
from thresh.training.trainer.task import Task

from .connected_digits import ctc_loss, edits, label_error

ORIGIN = (
    "CMU's AN4 as cepstra, an4_mfcc13.npz made from "
    "https://github.com/cphazen/Machine-Learning-Project-ASR"
)
SYMBOLS = (*string.ascii_uppercase, " ", "'")
"""What transcripts are written in; the blank follows."""

CEPSTRA = 13
"""Of a frame, every 10 ms; a frame is a step."""

POLE = 0.5
"""Of the low-pass that cepstra go through: what it keeps of a frame's output in the next one."""

VALIDATION = 9
"""Every so many training speakers, one chose everything and did not train."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Utterance:
    """Cepstra behind the low-pass, shape (frames, 13), with transcript and speaker."""

    cepstra: np.ndarray
    text: str
    speaker: str


def smoothed(cepstra: np.ndarray, pole: float = POLE) -> np.ndarray:
    """Cepstra of shape (frames, 13) behind a one-pole low-pass that rests on the first frame."""
    slow = cepstra.copy()
    for at in range(1, len(slow)):
        slow[at] = pole * slow[at - 1] + (1 - pole) * cepstra[at]
    return slow


def spread_labels(labels: list[int], steps: int, blank: int) -> np.ndarray:
    """Labels at even distances over the middle of an utterance, each for half its room."""
    frames = np.full(steps, blank)
    begin, end = 0.12 * steps, 0.9 * steps
    room = (end - begin) / max(len(labels), 1)
    for place, label in enumerate(labels):
        at = begin + place * room
        frames[round(at) : max(round(at + room / 2), round(at) + 1)] = label
    return frames


class Letters(Task):
    """Characters of whole utterances.

    Parameters
    ----------
    directory : path or None
    fold : int or None
        Folds are over the speakers of AN4's training and test.
    """

    name, model = "letters", "letters-2xgru128"
    inputs, units, outputs, layers = CEPSTRA, 128, len(SYMBOLS) + 1, 2
    classes, decision = (*SYMBOLS, "_"), "ctc"
    unit = "% label error"
    goal = (
        "at least 5.7 times fewer fetches, 8 with sparse columns, at no more than 2 % more error "
        "(relative), int8"
    )
    split = "AN4 test, 130 utterances of 10 other speakers; every ninth training speaker validates"
    licence = "trained on CMU AN4 (free for any purpose with notice)"
    wanted, wanted_sparse = 5.7, 8.0
    inputs_are = (
        "13 cepstra at 100 frames a second behind a one-pole low-pass (0.5), normalised over the "
        "training set"
    )
    pretraining, first, training, size = 30, 4, 28, 16
    then_rate = 7e-4
    thresholds, activity, straight = (0.4, 0.25), 3.0, True
    around = (0.35, 0.5, 0.6, 0.707, 0.84, 1.0, 1.19, 1.41)
    zeros, allowance, relative, folds = 0.6, 0.02, True, 5
    pairing = Pairing(
        epochs=36, integers=6, rate=3e-3, last_rate=5e-4, size=16, varied=True,
        thresholds=(0.5, 0.25), activity_h=2.0, follows=10.0,
    )  # fmt: skip
    sparse_pairing: Pairing | None = replace(pairing, zeros=0.6, thresholds=(0.26, 0.13))

    def __init__(self, directory: str | os.PathLike[str] | None, fold: int | None = None) -> None:
        (path,) = find_files(directory, "an4", ("an4_mfcc13.npz",), ORIGIN)
        with np.load(path) as file:
            data = dict(file)
        utterances = {split: _read(data, split) for split in ("train", "test")}
        fitted = utterances["train"]
        if fold is None:
            chosen = set(sorted({one.speaker for one in fitted})[::VALIDATION])
            held = {name: [o for o in fitted if (o.speaker in chosen) == (name == "validation")]
                    for name in ("train", "validation")}  # fmt: skip
            utterances |= held
        else:
            every = [one for part in utterances.values() for one in part]
            utterances = divide(every, [one.speaker for one in every], fold, self.folds)
            fitted = utterances["train"]
        cepstra = np.concatenate([one.cepstra for one in fitted])
        mean, deviation = cepstra.mean(axis=0), cepstra.std(axis=0)
        self.parts = {
            split: [
                _item((one.cepstra - mean) / deviation, labels, one.speaker)
                for one in utterances[split]
                if (labels := self.labels(one.text)) is not None
            ]
            for split in ("train", "validation", "test")
        }

    def labels(self, text: str) -> list[int] | None:
        """What a transcript is to be read as; None leaves the utterance out."""
        return [SYMBOLS.index(symbol) for symbol in text]

    def epoch(self, draw: np.random.Generator, varied: bool = True) -> list[Item]:
        """Every training utterance, its cepstra a little louder or softer and tilted."""
        if not varied:
            return self.parts["train"]
        items = []
        for item in self.parts["train"]:
            tilt = 0.15 * draw.standard_normal(CEPSTRA)
            noise = 0.1 * draw.standard_normal(item.x.shape)
            items.append(replace(item, x=(item.x + tilt + noise).astype(np.float32)))
        return items

    def items(self, split: str) -> list[Item]:
        """Whole utterances."""
        return self.parts[split]

    def loss(self, outputs: Tensor, lengths: Tensor, targets: tuple) -> Tensor:
        """CTC."""
        return ctc_loss(outputs, lengths, list(targets))

    def first_loss(self, outputs: Tensor, lengths: Tensor, targets: tuple) -> Tensor:
        """Cross entropy against labels that are spread evenly."""
        blank = outputs.shape[2] - 1
        scores = torch.cat([y[:n] for y, n in zip(outputs, lengths.tolist(), strict=True)])
        wanted = [
            spread_labels(t, n, blank) for t, n in zip(targets, lengths.tolist(), strict=True)
        ]
        return nn.functional.cross_entropy(scores, torch.from_numpy(np.concatenate(wanted)))

    def tally(self, output: np.ndarray, target: list[int]) -> np.ndarray:
        """Edits of the best path, and labels."""
        return edits(output, target)

    @classmethod
    def error_of(cls, sums: np.ndarray) -> np.ndarray:
        """Label error."""
        return label_error(sums)


def _read(data: dict[str, np.ndarray], split: str) -> list[Utterance]:
    """Utterances of one of AN4's own splits."""
    cepstra = data[f"{split}_feat"].astype(np.float64)
    parts = np.split(cepstra, np.cumsum(data[f"{split}_len"])[:-1])
    rows = zip(parts, data[f"{split}_text"].tolist(), data[f"{split}_utt"].tolist(), strict=True)
    return [
        Utterance(cepstra=smoothed(part), text=text, speaker=name.split("/")[1])
        for part, text, name in rows
    ]


def _item(cepstra: np.ndarray, labels: list[int], speaker: str) -> Item:
    """Frames with their target."""
    return Item(x=cepstra.astype(np.float32), target=labels, source=speaker)
