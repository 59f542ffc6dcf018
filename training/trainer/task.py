"""What a task is: sequences, a loss, a score."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch import Tensor, nn

from .batches import Item, Padded, shuffled
from .digest import digest_of
from .pairing import Pairing

SPLITS = ("train", "validation", "test")


def sequences_of(items: Iterable[Item]) -> list[tuple[np.ndarray, Any, str]]:
    """What `digest_of` takes of sequences."""
    return [(item.x, item.target, item.source) for item in items]


@dataclass(frozen=True, kw_only=True)
class Score:
    """Result on a split.

    Parameters
    ----------
    error : float
        In the task's unit; smaller is better.
    loss : float or None
        What chooses an epoch, where it is not the error.
    more : dict
        Other figures by name.
    """

    error: float
    loss: float | None = None
    more: dict[str, float] = field(default_factory=dict)


class Task:
    """A task that recurrent networks are trained for.

    Attributes
    ----------
    name, model : str
        Of the task, and of its network.
    inputs, units, outputs, layers : int
        Of the recurrent network.
    classes : tuple of str
        Names of the outputs, or none.
    decision : str
        As `thresh.model.network.Network.decision`.
    unit, goal : str
        Of the error, and what is wanted.
    wanted, wanted_sparse : float
        The reduction of the goal, and that with sparse columns, where it is another.
    split, licence, inputs_are : str
        What is tested on, what the trained network is bound to, and what goes into it.
    pretraining, first, training : int
        Epochs of the plain network, those at its start with `first_loss` among them, and epochs of
        every technique after it.
    size : int
        Sequences in a training batch.
    rate, then_rate : float
        Highest learning rate of the plain network, and of every technique after it.
    dropout : float
        Share of what the linear layer receives that is left out in training the plain network.
    thresholds : tuple of float
        Of inputs and state, where every technique is trained.
    straight : bool
        Techniques after the paper's use the straight gradient.
    around : tuple of float
        Parts of the trained thresholds that a delta network is tried at.
    activity : float
        Weight of the mean absolute change of state and inputs in the loss, with the L1 cost.
    zeros : float
        Share of the weights that are zero in the sparsest technique, whose thresholds are 0.7 times
        those of the others.
    fetches : float
        Weight of the share of fetched weights, where thresholds are learned.
    allowance : float
        Error above the plain network's that an operating point may have, chosen on validation.
    relative : bool
        The allowance is a part of the plain network's error.
    folds : int
        In which everything can be tested once; 0 where there is too little for folds.
    pairing : Pairing
        How an exam trains its control and its delta network.
    sparse_pairing : Pairing or None
        The same where most of the delta network's weights are zero.
    examined : bool
        A single training is that of an exam's delta networks.
    """

    name: str
    model: str
    inputs: int
    units: int
    outputs: int
    layers: int = 1
    classes: tuple[str, ...] = ()
    decision: str = "none"
    unit: str
    goal: str
    wanted: float
    wanted_sparse: float = 0.0
    split: str
    licence: str
    inputs_are: str
    pretraining: int
    training: int
    first: int = 0
    size: int = 64
    rate: float = 3e-3
    then_rate: float = 3e-3
    dropout: float = 0.0
    thresholds: tuple[float, float] = (0.1, 0.1)
    straight: bool = False
    around: tuple[float, ...] = (0.707, 1.0, 1.41)
    activity: float = 1.0
    zeros: float = 0.75
    fetches: float = 2.0
    allowance: float = 0.0
    relative: bool = False
    folds: int = 0
    pairing: Pairing = Pairing()
    sparse_pairing: Pairing | None = None
    examined: bool = False

    @classmethod
    def wanted_of(cls, sparse: bool) -> float:
        """The reduction of the goal, with sparse columns or dense ones."""
        return cls.wanted_sparse or cls.wanted if sparse else cls.wanted

    def front(self) -> nn.Module:
        """What stands before the recurrent network while it is trained, on every step."""
        return nn.Identity()

    def before(self) -> dict[str, float]:
        """Work of the front per step, by name."""
        return {}

    def front_end_of(self) -> dict[str, Any]:
        """Parameters of `thresh.audio.front_end`, where the inputs are audio."""
        return {}

    def pretrained(self, net: nn.Module) -> None:
        """Called when the plain network is trained, before any technique starts from it."""

    def refined(self, net: nn.Module) -> None:
        """Called when a technique is trained, where another stage goes on from it."""

    def before_integers(self, net: nn.Module) -> None:
        """Called when a network is trained in floats; its decisions stay as they are."""

    @property
    def digest(self) -> int:
        """By which checkpoints and pieces of other recordings are known: of every sequence that
        trains, validates or tests, and of what its task wants of it."""
        return digest_of([sequences_of(self.items(split)) for split in SPLITS])

    def groups(self, size: int, draw: np.random.Generator, varied: bool = True) -> list[list[Item]]:
        """One epoch of training in batches of ``size``; a generator's first draw is PyTorch's."""
        draw.integers(1 << 30)
        return shuffled(self.epoch(draw, varied), size, draw)

    def epoch(self, draw: np.random.Generator, varied: bool = True) -> list[Item]:
        """Sequences of one epoch of training, varied or as they are."""
        raise NotImplementedError

    def items(self, split: str) -> list[Item]:
        """Sequences of ``"train"`` as they are, ``"validation"`` or ``"test"``."""
        raise NotImplementedError

    def loss(self, outputs: Tensor, lengths: Tensor, targets: tuple) -> Tensor:
        """What training makes small; outputs of shape (batch, steps, outputs)."""
        raise NotImplementedError

    def first_loss(self, outputs: Tensor, lengths: Tensor, targets: tuple) -> Tensor:
        """The same for a start from random weights."""
        return self.loss(outputs, lengths, targets)

    def judged(self, outputs: Tensor, batch: Padded) -> tuple[Tensor, Tensor]:
        """What posteriors are of: every frame here.

        Returns
        -------
        Tensor, shape (batch, places, classes)
        Tensor of bool, shape (batch, places)
            Places that count.
        """
        return outputs, batch.valid

    def tally(self, output: np.ndarray, target: Any) -> np.ndarray:
        """What one sequence adds to the sums that a score is made of.

        Parameters
        ----------
        output : ndarray, shape (steps, outputs)
        target : Any
            As in the `Item`.

        Returns
        -------
        ndarray of float64, shape (sums,)
        """
        raise NotImplementedError

    @classmethod
    def error_of(cls, sums: np.ndarray) -> np.ndarray:
        """Error of sums of tallies, shape (..., sums); shape (...)."""
        raise NotImplementedError

    @classmethod
    def figures_of(cls, sums: np.ndarray) -> dict[str, float]:
        """Other figures of the sums of a split, by name."""
        return {}

    def tallies(self, outputs: list[np.ndarray], targets: list) -> np.ndarray:
        """Of every sequence; shape (sequences, sums)."""
        return np.array([self.tally(*pair) for pair in zip(outputs, targets, strict=True)])

    @classmethod
    def score_of(cls, sums: np.ndarray) -> Score:
        """Score of the sums of a split."""
        return Score(error=float(cls.error_of(sums)), more=cls.figures_of(sums))

    def score(self, outputs: list[np.ndarray], targets: list) -> Score:
        """Score of outputs, each of shape (steps, outputs)."""
        return self.score_of(self.tallies(outputs, targets).sum(axis=0))
