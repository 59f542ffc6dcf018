"""ECG beats of unseen patients: MIT-BIH, DS1 trains and DS2 tests."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from thresh.training.exam.folds import divide
from thresh.training.sets.find import find_files
from thresh.training.trainer.batches import Item
from thresh.training.trainer.digest import digest_of
from thresh.training.trainer.pairing import Pairing
from thresh.training.trainer.task import SPLITS, Task

ORIGIN = (
    "the MIT-BIH Arrhythmia Database, one lead at 128 Hz, as mitdb_mlii_128hz.npz made from "
    "https://github.com/lxysl/mit-bih_ecg_recognition (PhysioNet mitdb 1.0.0)"
)
CLASSES = ("N", "S", "V", "F", "Q")
"""Beats by AAMI EC57: normal, supraventricular, ventricular, fusion, unknown."""

WEIGHTS = (1.0, 3.0, 1.5, 1.5, 1.0)
"""Of the classes in the loss."""

VALIDATION = (119, 201, 220, 223)
"""Patients of DS1 that chose everything."""

RATE = 64
"""Steps per second: pairs of samples at 128 Hz are averaged."""

DELAY = int(0.35 * RATE)
"""Steps from a beat's annotation to where it is read out."""

WARM_UP = 5 * RATE // 2
"""Steps at the start of a sequence whose beats are not used."""

CROP, MINUTE = 5 * RATE, 60 * RATE
"""Steps used of a training and of a test sequence, behind the warm-up."""

CROPS = 512
"""Training sequences of an epoch."""

GAIN = (0.6, 1.5)
"""Range of the factor by which a training sequence is louder or softer."""


class Recording:
    """One patient.

    Attributes
    ----------
    patient : str
    x : ndarray of float32, shape (steps, 3)
        The signal above 0.5 Hz in mV; the last interval between beats over the mean of the ten
        before it, minus 1; that interval in seconds, minus 0.8. Intervals change at beats only.
    steps, classes : ndarray of int, shape (beats,)
        Where each beat is read out, and what it is.
    """

    def __init__(
        self, patient: str, microvolts: np.ndarray, beats: np.ndarray, classes: np.ndarray
    ) -> None:
        self.patient = patient
        pairs = microvolts.reshape(-1, 2).mean(axis=1) / 1000
        signal = np.clip(_high_pass(pairs, 0.5 / RATE), -4, 4)
        at = np.minimum(beats // 2, len(signal) - 1)
        intervals = np.diff(at, prepend=at[0] - RATE) / RATE
        sums = np.concatenate((np.zeros(1), np.cumsum(intervals)))
        first = np.maximum(np.arange(len(at)) - 10, 0)
        means = (sums[1:-1] - sums[first[1:]]) / (np.arange(1, len(at)) - first[1:])
        ratios = np.concatenate((np.ones(1), intervals[1:] / np.maximum(means, 0.1)))
        last = np.searchsorted(at, np.arange(len(signal)), side="right") - 1
        held = np.stack((np.clip(ratios, 0, 3) - 1, np.clip(intervals, 0, 3) - 0.8), axis=1)
        rhythm = np.where(last[:, None] >= 0, held[np.maximum(last, 0)], 0)
        self.x = np.concatenate((signal[:, None], rhythm), axis=1).astype(np.float32)
        self.steps, self.classes = at + DELAY, classes.astype(np.int64)

    def item(self, start: int, steps: int) -> Item:
        """``steps`` from ``start`` on with a warm-up before; the target is steps and classes."""
        begin = max(start - WARM_UP, 0)
        x = self.x[begin : start + steps]
        first = max(start, WARM_UP if begin == 0 else start)
        here = (self.steps >= first) & (self.steps < begin + len(x))
        target = (self.steps[here] - begin, self.classes[here])
        return Item(x=x, target=target, source=self.patient)


def _high_pass(signal: np.ndarray, cutoff: float) -> np.ndarray:
    """First order, causal; ``cutoff`` in parts of the sample rate."""
    keep, level = np.exp(-2 * np.pi * cutoff), signal[0]
    rest = np.empty_like(signal)
    for place, value in enumerate(signal.tolist()):
        level = keep * level + (1 - keep) * value
        rest[place] = value - level
    return rest


def read_recordings(path: Path) -> dict[str, list[Recording]]:
    """Patients by split: train and validation of DS1, test of DS2."""
    with np.load(path) as file:
        data = dict(file)
    places = np.concatenate((np.zeros(1, np.int64), np.cumsum(data["nbeats"])))
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(data["length"])))
    found: dict[str, list[Recording]] = {"train": [], "validation": [], "test": []}
    for number, name in enumerate(data["record"].tolist()):
        part = slice(places[number], places[number + 1])
        if name in data["ds2"]:
            split = "test"
        elif name in data["ds1"]:
            split = "validation" if name in VALIDATION else "train"
        else:
            continue
        found[split].append(
            Recording(
                str(name),
                data["x"][starts[number] : starts[number + 1]],
                data["beat_t"][part],
                data["beat_class"][part],
            )
        )
    return found


class Ecg(Task):
    """Beats, read out a third of a second after their annotated position.

    Parameters
    ----------
    directory : path or None
    fold : int or None
        Folds are over the patients.
    """

    name, model = "ecg", "ecg-gru48"
    inputs, units, outputs = 3, 48, 5
    classes = CLASSES
    unit = "100 - mean F1 of N, S and V, %"
    goal = "at least 20 times fewer fetches, accuracy and F1 as the plain net's"
    wanted = 20.0
    inputs_are = (
        "64 steps a second: mV above 0.5 Hz; last interval between beats over the mean of ten, "
        "minus 1; that interval in s, minus 0.8"
    )
    split = (
        "MIT-BIH DS2, every second minute of 22 patients that training did not see; "
        "DS1's 119, 201, 220 and 223 validate"
    )
    licence = "trained on the MIT-BIH Arrhythmia Database (PhysioNet, ODC-By 1.0)"
    pretraining, training, size = 24, 6, 24
    rate = then_rate = 5e-3
    thresholds = (0.05, 0.18)
    activity, allowance, folds = 0.5, 1.0, 5
    pairing = Pairing(
        epochs=24, integers=4, rate=5e-3, last_rate=1e-3, size=24, varied=True, dropout=0.1,
        thresholds=(0.07, 0.25), activity_h=1.0,
    )  # fmt: skip

    def __init__(self, directory: str | os.PathLike[str] | None, fold: int | None = None) -> None:
        (path,) = find_files(directory, "ecg", ("mitdb_mlii_128hz.npz",), ORIGIN)
        self.recordings = read_recordings(path)
        if fold is not None:
            every = [one for part in self.recordings.values() for one in part]
            self.recordings = divide(every, [one.patient for one in every], fold, self.folds)

    @property
    def digest(self) -> int:
        """Of whole recordings: training hears pieces from anywhere in them."""
        return digest_of([
            [(one.patient, one.x, one.steps, one.classes) for one in self.recordings[split]]
            for split in SPLITS
        ])  # fmt: skip

    def epoch(self, draw: np.random.Generator, varied: bool = True) -> list[Item]:
        """`CROPS` pieces: a third of them around a beat of class S or V, the rest anywhere."""
        recordings = self.recordings["train"]
        rare = {
            kind: [
                (one, step)
                for one in recordings
                for step in one.steps[one.classes == kind]
                if step > WARM_UP
            ]
            for kind in (1, 2)
        }
        items = []
        for number in range(CROPS):
            if number % 3:
                one = recordings[draw.integers(len(recordings))]
                start = int(draw.integers(WARM_UP, len(one.x) - CROP))
            else:
                choices = rare[number % 2 + 1]
                one, step = choices[draw.integers(len(choices))]
                start = min(max(int(step) - int(draw.integers(CROP)), WARM_UP), len(one.x) - CROP)
            item = one.item(start, CROP)
            gain = np.float32([draw.uniform(*GAIN) if varied else 1, 1, 1])
            items.append(replace(item, x=item.x * gain))
        return items

    def items(self, split: str) -> list[Item]:
        """Every second minute of the test recordings, of others every third, with a warm-up."""
        step = MINUTE * (2 if split == "test" else 3)
        return [
            one.item(start, MINUTE)
            for one in self.recordings[split]
            for start in range(0, len(one.x), step)
        ]

    def loss(self, outputs: Tensor, lengths: Tensor, targets: tuple) -> Tensor:
        """Cross entropy of the beats, weighted."""
        rows = np.concatenate([np.full(len(t[0]), n) for n, t in enumerate(targets)])
        steps, classes = (np.concatenate(parts) for parts in zip(*targets, strict=True))
        chosen = outputs[torch.from_numpy(rows), torch.from_numpy(steps)]
        return nn.functional.cross_entropy(
            chosen, torch.from_numpy(classes), weight=chosen.new_tensor(WEIGHTS),
            label_smoothing=0.02,
        )  # fmt: skip

    def tally(self, output: np.ndarray, target: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """Beats by the class that they are and the class that is heard, row by row."""
        steps, wanted = target
        pairs = len(CLASSES) * wanted + output[steps].argmax(axis=1)
        return np.bincount(pairs, minlength=len(CLASSES) ** 2).astype(np.float64)

    @classmethod
    def error_of(cls, sums: np.ndarray) -> np.ndarray:
        """100 less the mean F1 of the classes with many beats."""
        return 100 - sum(_f1(sums, CLASSES.index(name)) for name in "NSV") / 3

    @classmethod
    def figures_of(cls, sums: np.ndarray) -> dict[str, float]:
        """F1 of every class, and accuracy."""
        found = {f"f1_{name}": float(_f1(sums, n)) for n, name in enumerate(CLASSES)}
        right = sums[:: len(CLASSES) + 1].sum()
        return found | {"accuracy": float(100 * right / sums.sum())}


def _f1(sums: np.ndarray, number: int) -> np.ndarray:
    """F1 of a class, per cent, of sums of tallies; 0 where there is none of it."""
    table = sums.reshape(*sums.shape[:-1], len(CLASSES), len(CLASSES))
    both = table[..., number, number]
    count = table[..., number, :].sum(-1) + table[..., number].sum(-1)
    return 200 * both / np.maximum(count, 1)
