"""Steering a small car from its camera: a convolutional front, then the recurrent network."""

import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from thresh.training.sets.find import find_files
from thresh.training.trainer.batches import Item
from thresh.training.trainer.digest import digest_of
from thresh.training.trainer.task import SPLITS, Task, sequences_of

ORIGIN = (
    "the donkeycar recordings of https://github.com/criscola/donkeycar (MIT), reduced to "
    "64 x 32 grey as track2_run2_64x32.npz and track2_run3_64x32.npz"
)
HEIGHT, WIDTH, FEATURES = 32, 64, 24
CROP = 120
"""Steps of a training sequence: 6 s at 20 Hz."""

SHORTEST = 20
"""Segments with fewer steps are left out."""

BLOCK, VALIDATION = 300, 5
"""The training drive is cut into blocks of so many steps; every so many blocks, one validates."""


class Trunk(nn.Module):
    """Three convolutions on one picture a step; the part that techniques leave as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = nn.Sequential(
            nn.Conv2d(1, 8, 5, stride=2, padding=2), nn.ReLU(),
            nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(16, 24, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        pictures = x.reshape(-1, 1, HEIGHT, WIDTH)
        return self.stack(pictures).reshape(*x.shape[:-1], -1)


class Front(nn.Sequential):
    """Trunk, projection and tanh; the trunk can be taken out once it is trained."""

    def __init__(self) -> None:
        super().__init__(Trunk(), nn.Linear(24 * 4 * 8, FEATURES), nn.Tanh())

    @staticmethod
    def multiplications() -> int:
        """Products per picture: every one is computed, no delta is taken."""
        convolutions = 16 * 32 * 8 * 25 + 8 * 16 * 16 * 8 * 9 + 4 * 8 * 24 * 16 * 9
        return convolutions + 24 * 4 * 8 * FEATURES


def read_drive(path: Path) -> list[Item]:
    """Segments of a drive: pictures of mean 0 and deviation 1, steering NaN where it is flagged."""
    with np.load(path) as file:
        data = dict(file)
    segments = []
    for number in np.unique(data["seg"]):
        here = data["seg"] == number
        if here.sum() < SHORTEST:
            continue
        pictures = data["img"][here].astype(np.float32)
        pictures -= pictures.mean(axis=(1, 2), keepdims=True)
        pictures /= pictures.std(axis=(1, 2), keepdims=True) + 1
        steer = np.where(data["flagged"][here], np.nan, data["steer"][here]).astype(np.float32)
        x = pictures.reshape(len(pictures), -1)
        segments.append(Item(x=x, target=steer, source=path.stem))
    return segments


def cut(item: Item, start: int, stop: int) -> Item:
    """Some steps of a drive's segment."""
    return replace(item, x=item.x[start:stop], target=item.target[start:stop])


def mirrored(item: Item) -> Item:
    """Left and right changed."""
    pictures = item.x.reshape(-1, HEIGHT, WIDTH)[:, :, ::-1]
    return replace(item, x=pictures.reshape(len(pictures), -1).copy(), target=-item.target)


class Steering(Task):
    """Steering from pictures at 20 Hz; flagged pictures are run but neither train nor score."""

    name, model = "steering", "steering-gru128"
    inputs, units, outputs = FEATURES, 128, 1
    unit = "RMSE of steering, -100 to 100"
    goal = "at least 100 times fewer fetches of the recurrent network, RMSE as the plain net's"
    wanted = 100.0
    inputs_are = "24 features of a convolutional front (not in this file) at 20 Hz, -1 to 1"
    split = "drive track2_run3; every fifth block of 15 s of track2_run2 validates, the rest trains"
    licence = "trained on recordings of criscola/donkeycar (MIT)"
    pretraining, training, size = 10, 120, 32
    then_rate = 2e-3
    thresholds, activity, straight = (0.3, 0.2), 30.0, True
    around = (0.35, 0.5, 0.6, 0.707, 0.84, 1.0, 1.19, 1.41)

    def __init__(self, directory: str | os.PathLike[str] | None) -> None:
        names = ("track2_run2_64x32.npz", "track2_run3_64x32.npz")
        train, test = find_files(directory, "driving", names, ORIGIN)
        blocks = [
            cut(item, at, at + BLOCK)
            for item in read_drive(train)
            for at in range(0, len(item.x), BLOCK)
        ]
        blocks = [block for block in blocks if len(block.x) >= SHORTEST]
        self.parts: dict[str, list[Item]] = {"validation": blocks[::VALIDATION]}
        kept = [block for number, block in enumerate(blocks) if number % VALIDATION]
        self.parts["train"] = kept + [mirrored(block) for block in kept]
        self.parts["test"] = read_drive(test)
        self.whole = self.parts

    @property
    def digest(self) -> int:
        """Of the pictures, whatever stands in their place while techniques are trained."""
        return digest_of([sequences_of(self.whole[split]) for split in SPLITS])

    def front(self) -> nn.Module:
        """The whole front; `pretrained` shortens it."""
        self.parts = self.whole
        return Front()

    def before(self) -> dict[str, float]:
        """Products of the front per picture."""
        return {"products of the convolutional front per step": Front.multiplications()}

    def pretrained(self, net: nn.Module) -> None:
        """Run the trunk once over all pictures and keep what comes out instead of them."""
        trunk, *rest = net.front
        with torch.no_grad():
            self.parts = {
                split: [replace(item, x=self._features(trunk, item.x)) for item in items]
                for split, items in self.whole.items()
            }
        net.front = nn.Sequential(*rest)

    @staticmethod
    def _features(trunk: nn.Module, pictures: np.ndarray) -> np.ndarray:
        parts = np.array_split(pictures, len(pictures) // 500 + 1)
        return np.concatenate([trunk(torch.from_numpy(part)).numpy() for part in parts])

    def epoch(self, draw: np.random.Generator, varied: bool = True) -> list[Item]:
        """Pieces of `CROP` steps that begin anywhere, and mirrored ones, varied or not: where they
        are cut is all that differs from one epoch to another."""
        items = []
        for item in self.parts["train"]:
            cuts = [0, *range(int(draw.integers(SHORTEST, CROP)), len(item.x), CROP), len(item.x)]
            items += [cut(item, a, b) for a, b in pairwise(cuts) if b - a >= SHORTEST]
        return items

    def items(self, split: str) -> list[Item]:
        """Whole segments."""
        return self.parts[split]

    def loss(self, outputs: Tensor, lengths: Tensor, targets: tuple) -> Tensor:
        """Mean square error where steering counts, in units of 0.1."""
        wanted = torch.full(outputs.shape[:2], torch.nan)
        for row, target in zip(wanted, targets, strict=True):
            row[: len(target)] = torch.from_numpy(target)
        counts = ~wanted.isnan()
        difference = outputs[..., 0][counts] - wanted[counts].to(outputs.dtype)
        return 10 * (difference**2).sum() / max(int(counts.sum()), 1)

    def tally(self, output: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Sum of squares where steering counts, and steps."""
        squares = (output[:, 0] - target).astype(np.float64) ** 2
        return np.array([np.nansum(squares), np.count_nonzero(~np.isnan(squares))])

    @classmethod
    def error_of(cls, sums: np.ndarray) -> np.ndarray:
        """Root mean square error, in hundredths."""
        return 100 * np.sqrt(sums[..., 0] / sums[..., 1])
