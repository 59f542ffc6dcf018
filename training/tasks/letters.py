"""Letters of unseen speakers: CMU AN4's spelled words, numbers and commands; CTC."""

import os
import string

import numpy as np
import torch
from torch import Tensor, nn

from thresh.training.sets.find import find_files
from thresh.training.trainer.batches import Item
from thresh.training.trainer.task import Score, Task

from .connected_digits import ctc_loss, label_error

ORIGIN = (
    "CMU's AN4 as cepstra, an4_mfcc13.npz made from "
    "https://github.com/cphazen/Machine-Learning-Project-ASR"
)
SYMBOLS = (*string.ascii_uppercase, " ", "'")
"""What transcripts are written in; the blank follows."""

STACKED = 2
"""Frames of 10 ms that make one step."""

VALIDATION = 9
"""Every so many training speakers, one chose everything and did not train."""


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
    """Characters of whole utterances."""

    name, model = "letters", "letters-2xgru128"
    inputs, units, outputs, layers = 13 * STACKED, 128, len(SYMBOLS) + 1, 2
    classes, decision = (*SYMBOLS, "_"), "ctc"
    unit = "% label error"
    goal = "at least 8 times fewer fetches at no more than 2 % more error (relative)"
    split = "AN4 test, 130 utterances of 10 other speakers; every ninth training speaker validates"
    licence = "trained on CMU AN4 (free for any purpose with notice)"
    wanted = 8.0
    inputs_are = "2 frames of 13 cepstra at 100 frames a second, normalised over the training set"
    pretraining, first, training, size = 30, 4, 28, 16
    then_rate = 7e-4
    thresholds, activity, straight = (0.4, 0.25), 3.0, True
    around = (0.35, 0.5, 0.6, 0.707, 0.84, 1.0, 1.19, 1.41)
    zeros, allowance, relative = 0.6, 0.02, True

    def __init__(self, directory: str | os.PathLike[str] | None) -> None:
        (path,) = find_files(directory, "an4", ("an4_mfcc13.npz",), ORIGIN)
        with np.load(path) as file:
            data = dict(file)
        speakers = [name.split("/")[1] for name in data["train_utt"].tolist()]
        chosen = set(sorted(set(speakers))[::VALIDATION])
        mean = data["train_feat"].astype(np.float64).mean(axis=0)
        deviation = data["train_feat"].astype(np.float64).std(axis=0)
        self.parts: dict[str, list[Item]] = {"train": [], "validation": [], "test": []}
        for split in ("train", "test"):
            places = np.cumsum(data[f"{split}_len"])[:-1]
            parts = np.split((data[f"{split}_feat"].astype(np.float64) - mean) / deviation, places)
            for number, (part, text) in enumerate(
                zip(parts, data[f"{split}_text"].tolist(), strict=True)
            ):
                held_out = split == "train" and speakers[number] in chosen
                if (labels := self.labels(text)) is not None:
                    self.parts["validation" if held_out else split].append(_item(part, labels))

    def labels(self, text: str) -> list[int] | None:
        """What a transcript is to be read as; None leaves the utterance out."""
        return [SYMBOLS.index(symbol) for symbol in text]

    def epoch(self, draw: np.random.Generator) -> list[Item]:
        """Every training utterance, its cepstra a little louder or softer and tilted."""
        items = []
        for item in self.parts["train"]:
            tilt = 0.15 * np.tile(draw.standard_normal(13), STACKED)
            noise = 0.1 * draw.standard_normal(item.x.shape)
            items.append(Item(x=(item.x + tilt + noise).astype(np.float32), target=item.target))
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

    def score(self, outputs: list[np.ndarray], targets: list) -> Score:
        """Label error of the best path."""
        return Score(error=label_error(outputs, targets))


def _item(cepstra: np.ndarray, labels: list[int]) -> Item:
    """Stacked frames with their target."""
    steps = len(cepstra) // STACKED
    x = cepstra[: steps * STACKED].reshape(steps, -1).astype(np.float32)
    return Item(x=x, target=labels)
