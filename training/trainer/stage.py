"""One stage of a training: everything that is asked of it."""

from dataclasses import dataclass
from typing import Literal

from .net import Net
from .switches import disturb, straighten


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What a training does to a network.

    Parameters
    ----------
    name : str
    draws : str
        Every random draw follows from it, the seed and the epoch; the name when empty. Stages that
        share it see the same batches.
    epochs : int
        Most epochs.
    rate : float
        Highest learning rate.
    rates : str
        A course of `thresh.training.trainer.rates.RATES`.
    decay : float
        Of the weights, as AdamW has it.
    size : int or None
        Sequences in a batch; the task's when None.
    varied : bool
        Training sequences are varied as the task does it.
    first : int
        Epochs at the start with the task's ``first_loss``.
    patience : int or None
        Epochs without a better validation loss that end the stage, which then leaves the weights of
        the best epoch. None: all epochs, and the last one's weights, without a look at validation.
    threshold_x : float
    threshold_h : float or tuple of float
        One for all layers, or one for each.
    rise : float
        Share of the stage over which thresholds rise from zero. Validation hears them as they are
        in the end.
    activity : float
        Weight of the mean absolute change of inputs and states, per step and value.
    activity_h : float
        Weight of the mean absolute change of states alone.
    dropout : float
        Share of what the linear layer receives that is left out.
    distil : float
        Weight of the divergence, a frame, from the posteriors of a network without thresholds: that
        which the stage starts from, or another that training is told of.
    chrono : float
        Most steps for which units remember at the start: see `.chrono.remember`. 0 leaves the
        update gates as they are.
    sparsity : float
        Share of the weights that are zero in the end; they vanish during the first half.
    straight : bool
        See `thresh.training.layers.delta.Encoder`.
    rounding, noise : tuple of float
        Step to which inputs and states are rounded, and deviation of noise added to them.
    learned : bool
        Every neuron has a threshold of its own, which is learned.
    fetches : float
        Weight of the share of weights that are fetched, which raises learned thresholds.
    quantised : bool
        In integers, as the golden model computes.
    """

    name: str
    draws: str = ""
    epochs: int
    rate: float = 3e-3
    rates: Literal["share", "step"] = "share"
    decay: float = 1e-3
    size: int | None = None
    varied: bool = True
    first: int = 0
    patience: int | None = None
    threshold_x: float = 0.0
    threshold_h: float | tuple[float, ...] = 0.0
    rise: float = 0.0
    activity: float = 0.0
    activity_h: float = 0.0
    dropout: float = 0.0
    distil: float = 0.0
    chrono: float = 0.0
    sparsity: float = 0.0
    straight: bool = False
    rounding: tuple[float, float] = (0.0, 0.0)
    noise: tuple[float, float] = (0.0, 0.0)
    learned: bool = False
    fetches: float = 0.0
    quantised: bool = False

    def __post_init__(self) -> None:
        for name in ("rise", "dropout", "sparsity"):
            if not 0 <= (share := getattr(self, name)) < 1:
                raise ValueError(f"{name} of stage {self.name} must be 0 to below 1, not {share!r}")
        if self.epochs < 0:
            raise ValueError(f"epochs of stage {self.name} must be 0 or more, not {self.epochs!r}")
        if self.distil < 0:
            raise ValueError(f"distil of stage {self.name} must be 0 or more, not {self.distil!r}")
        if self.chrono and self.chrono < 2:
            raise ValueError(
                f"chrono of stage {self.name} must be 0 or at least 2 steps, not {self.chrono!r}"
            )

    def thresholds(self, share: float = 1.0) -> tuple[float, float | list[float]]:
        """A part of the thresholds of inputs and states, as `Net.set_thresholds` takes them."""
        x, h = self.threshold_x, self.threshold_h
        layers = [share * one for one in h] if isinstance(h, tuple) else share * h
        return share * x, layers

    def prepare(self, net: Net) -> None:
        """Set a network's arithmetic, thresholds and disturbances for this stage."""
        net.set_quantised(self.quantised)
        net.set_thresholds(*self.thresholds())
        if self.learned:
            net.gru.learn_thresholds(per_neuron=True)
        net.dropout = self.dropout
        disturb(
            net, noise_x=self.noise[0], noise_h=self.noise[1],
            rounding_x=self.rounding[0], rounding_h=self.rounding[1],
        )  # fmt: skip
        straighten(net, self.straight)
