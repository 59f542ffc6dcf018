"""Connected digits: takes of one speaker from the Free Spoken Digit Dataset, joined; CTC."""

import os
from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from thresh.audio.front_ends import raw_front_end
from thresh.data.audio_file import to_int16
from thresh.model.decision import decide_classes, edit_distance
from thresh.training.exam.folds import divide
from thresh.training.sets.augment import TEMPO, vary_features
from thresh.training.sets.fsdd import DIGITS, Recording, data_directory, load_fsdd
from thresh.training.sets.polyphase import resample
from thresh.training.trainer.batches import Item
from thresh.training.trainer.digest import digest_of
from thresh.training.trainer.pairing import Pairing
from thresh.training.trainer.task import Task, sequences_of

BLANK = len(DIGITS)
LONGEST = 7
"""Most digits in an utterance, as in TIDIGITS."""

GAP = (400, 1600)
"""Least and most samples between two digits: 50 to 200 ms at 8 kHz."""

JOININGS = {"train": 16, "validation": 4, "test": 4}
"""How often every take is used in a split, each time in another utterance."""


def background(pcm: np.ndarray) -> float:
    """Level of the quietest hundredth of a second of a recording, root mean square."""
    parts = pcm[: len(pcm) // 80 * 80].reshape(-1, 80).astype(np.float64)
    return float(np.sqrt((parts**2).mean(axis=1)).min())


def join(takes: list[Recording], draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """One utterance, int16, and the samples where each digit begins and ends, shape (digits, 2)."""
    level = min(background(take.pcm) for take in takes)
    parts, places, at = [], [], 0
    for take in takes:
        gap = int(draw.integers(*GAP))
        silence = np.clip(draw.standard_normal(gap) * level, -32768, 32767).astype(np.int16)
        parts += [silence, take.pcm]
        places.append((at + gap, at + gap + len(take.pcm)))
        at = places[-1][1]
    return np.concatenate(parts), np.array(places)


def utterances(takes: list[Recording], draw: np.random.Generator) -> list[list[Recording]]:
    """Every take once: utterances of 1 to `LONGEST` digits by one speaker."""
    by_speaker = defaultdict(list)
    for take in takes:
        by_speaker[take.speaker].append(take)
    found = []
    for speaker in sorted(by_speaker):
        order = [by_speaker[speaker][n] for n in draw.permutation(len(by_speaker[speaker]))]
        while order:
            count = int(draw.integers(1, LONGEST + 1))
            found.append(order[:count])
            order = order[count:]
    return found


def at_tempo(take: Recording, draw: np.random.Generator) -> Recording:
    """A take up to a tenth faster or slower."""
    pcm = resample(take.pcm, int(draw.integers(*TEMPO)), 100)
    return replace(take, pcm=to_int16(pcm))


def edits(output: np.ndarray, wanted: list[int]) -> np.ndarray:
    """Edits on the most likely path, where the last output is blank, and wanted labels."""
    return np.array([edit_distance(decide_classes(output, "ctc"), wanted), len(wanted)], float)


def label_error(sums: np.ndarray) -> np.ndarray:
    """Sums of edits per wanted label, per cent; shape (..., 2) to (...)."""
    return 100 * sums[..., 0] / sums[..., 1]


def ctc_loss(outputs: Tensor, lengths: Tensor, targets: list[list[int]]) -> Tensor:
    """Connectionist temporal classification; per label."""
    counts = torch.tensor([len(target) for target in targets])
    labels = torch.tensor([label for target in targets for label in target])
    scores = outputs.log_softmax(2).transpose(0, 1)
    blank = outputs.shape[2] - 1
    total = nn.functional.ctc_loss(
        scores, labels, lengths, counts, blank=blank, reduction="sum", zero_infinity=True
    )
    return total / counts.sum()


class ConnectedDigits(Task):
    """Strings of one to seven digits.

    Parameters
    ----------
    directory : path or None
    without : str
        A speaker who is tested and neither trains nor validates.
    fold : int or None
        Folds are over the takes' numbers.
    """

    name, model = "digits", "connected-digits-gru128"
    inputs, units, outputs = 20, 128, len(DIGITS) + 1
    classes, decision = (*DIGITS, "-"), "ctc"
    unit = "% label error"
    goal = (
        "at least 12 times fewer fetches, 30 with sparse columns, at no more than 0.5 points of "
        "label error, int8"
    )
    wanted, wanted_sparse = 12.0, 30.0
    inputs_are = "20 bands of magnitudes at 100 frames a second (the front end is in the file)"
    split = "FSDD takes 0 to 4 joined to strings; takes 5 to 7 validate, 8 to 49 train"
    licence = "CC BY-SA 4.0: trained on the Free Spoken Digit Dataset"
    pretraining, first, training, size = 40, 4, 60, 8
    then_rate = 5e-4
    thresholds, activity, straight = (0.5, 0.4), 0.5, True
    around = (0.6, 0.707, 0.84, 1.0, 1.19, 1.41, 1.68)
    zeros, allowance, folds, examined = 0.8, 0.5, 5, True
    sparse_pairing = Pairing(
        rate=2e-3, last_rate=4e-4, dropout=0.1, thresholds=(0.28, 0.23), noise=0.4, activity_h=2.0,
        zeros=0.8,
    )  # fmt: skip

    def __init__(
        self, directory: str | os.PathLike[str] | None, without: str = "", fold: int | None = None
    ) -> None:
        folder = data_directory(directory)
        takes = {split: load_fsdd(folder, split) for split in JOININGS}
        if fold is not None:
            every = [take for part in takes.values() for take in part]
            takes = divide(every, [f"{take.take:02d}" for take in every], fold, self.folds)
        if without:
            takes["train"] = [one for one in takes["train"] if one.speaker != without]
            takes["validation"] = [one for one in takes["validation"] if one.speaker != without]
            takes["test"] = [one for one in takes["test"] if one.speaker == without]
        raw = raw_front_end("magnitude-mel", self.inputs)
        self.front_end = raw.fitted(np.concatenate([raw.log_mel(o.pcm) for o in takes["train"]]))
        self._takes = takes
        self._made: dict[str, list[list[Item]]] = {}

    def front_end_of(self) -> dict[str, Any]:
        """The front end as fitted to the training takes."""
        return self.front_end.to_dict()

    @property
    def digest(self) -> int:
        """Of all takes, and of what validates as it is heard; the joinings that train take long."""
        takes = [
            [(one.pcm, one.digit, one.speaker, one.take) for one in self._takes[split]]
            for split in JOININGS
        ]
        return digest_of([takes, sequences_of(self.items("validation"))])

    def joinings(self, split: str) -> list[list[Item]]:
        """Utterances of a split, joined as often as `JOININGS` says; made when they are asked for.

        Those that train take most of a minute, and who only tests does without.
        """
        if split not in self._made:
            self._made[split] = self._items(self._takes[split], split)
        return self._made[split]

    def _items(self, takes: list[Recording], split: str) -> list[list[Item]]:
        draw = np.random.default_rng([1, *split.encode()])
        varied = split == "train"
        return [
            [
                self._item([at_tempo(take, draw) for take in one] if varied else one, draw)
                for one in utterances(takes, draw)
            ]
            for _ in range(JOININGS[split])
        ]

    def _item(self, takes: list[Recording], draw: np.random.Generator) -> Item:
        """The target is the digits, and a label per frame."""
        pcm, places = join(takes, draw)
        front_end = self.front_end
        x = (front_end.features(pcm) / 2.0**front_end.x_frac).astype(np.float32)
        frames = np.full(len(x), BLANK)
        for take, (begin, end) in zip(takes, places, strict=True):
            frames[begin // front_end.hop : end // front_end.hop] = take.digit
        digits = [take.digit for take in takes]
        return Item(x=x, target=(digits, frames), source=takes[0].speaker)

    def epoch(self, draw: np.random.Generator, varied: bool = True) -> list[Item]:
        """One joining of the training takes, by another voice and microphone each time."""
        items = self.joinings("train")[int(draw.integers(JOININGS["train"]))]
        if not varied:
            return items
        return [replace(item, x=vary_features(item.x, draw)) for item in items]

    def items(self, split: str) -> list[Item]:
        """All joinings of a split."""
        return [item for joining in self.joinings(split) for item in joining]

    def loss(self, outputs: Tensor, lengths: Tensor, targets: tuple) -> Tensor:
        """CTC."""
        return ctc_loss(outputs, lengths, [digits for digits, _ in targets])

    def first_loss(self, outputs: Tensor, lengths: Tensor, targets: tuple) -> Tensor:
        """Cross entropy of every frame."""
        scores = torch.cat([y[:n] for y, n in zip(outputs, lengths.tolist(), strict=True)])
        wanted = torch.from_numpy(np.concatenate([frames for _, frames in targets]))
        return nn.functional.cross_entropy(scores, wanted)

    def tally(self, output: np.ndarray, target: tuple[list[int], np.ndarray]) -> np.ndarray:
        """Edits of the best path, and digits."""
        return edits(output, target[0])

    @classmethod
    def error_of(cls, sums: np.ndarray) -> np.ndarray:
        """Label error."""
        return label_error(sums)


class WideDigits(ConnectedDigits):
    """The same with as many units as the digits' network of the delta-network paper has."""

    name, model = "wide-digits", "connected-digits-gru200"
    units = 200
    goal = "at least 12 times fewer fetches at no more than 0.5 points of label error, int8"
    wanted_sparse, sparse_pairing = 0.0, None
    pairing = Pairing(rate=2e-3, last_rate=4e-4, dropout=0.1, noise=0.4)
