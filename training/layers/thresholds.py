"""Thresholds of a delta layer: fixed on their grids, or learned."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from .delta import Encoder, snap

Threshold = float | Tensor
"""One number for a layer, or a tensor of one per neuron."""


class Thresholded(nn.Module):
    """A module with named thresholds, one number or one per neuron each.

    A fixed threshold is a setting, as the p of a dropout is: it is not part of the state dict. A
    learned one is kept as its natural logarithm in a parameter ``log_NAME``, so that it stays
    above 0; a state dict without it (a plain module's) leaves it as it is. Its gradient is the
    surrogate one of `thresh.training.layers.delta`.

    Attributes
    ----------
    quantised : bool
        Learned thresholds too are rounded to their grids, gradients pass straight through.
    noise, rounding : tuple of float
        For inputs and for states: standard deviation of Gaussian noise that is added to, and step
        to which is rounded, what is compared and sent; while training, unless quantised.
    straight : bool
        What is sent has the gradient of the value in the layer's own next step too, as in
        `thresh.training.layers.delta.Encoder`.
    """

    quantised = False
    straight = False

    def __init__(self) -> None:
        super().__init__()
        self.noise, self.rounding = (0.0, 0.0), (0.0, 0.0)
        self._fracs: dict[str, int] = {}
        self.register_load_state_dict_pre_hook(_keep_thresholds)

    def put(self, name: str, value: Threshold, frac: int, size: int) -> None:
        """Set a threshold, rounded to ``frac`` fraction bits; a learned one goes on from there.

        Raises
        ------
        ValueError
            When it is negative, not a number, or has another size than the layer's.
        """
        self._fracs[name] = frac
        given = torch.as_tensor(value, dtype=torch.float64).detach()
        if given.ndim and given.shape != (size,):
            raise ValueError(
                f"A threshold is one number or one for each of {size} neurons, not of shape "
                f"{tuple(given.shape)}"
            )
        levels = [snap(level, frac) for level in given.flatten().tolist()]
        tensor = torch.tensor(levels, dtype=torch.float64).reshape(given.shape)
        learned = getattr(self, f"log_{name}", None)
        like = learned if learned is not None else next(self.parameters(), torch.empty(0))
        tensor = tensor.to(like)
        if learned is not None:
            with torch.no_grad():
                learned.copy_(_logarithm(tensor).expand_as(learned))
        else:
            self.register_buffer(f"_{name}", tensor, persistent=False)

    def get(self, name: str) -> Threshold:
        """A threshold: a float, or a detached tensor of one per neuron."""
        learned = getattr(self, f"log_{name}", None)
        value = getattr(self, f"_{name}") if learned is None else learned.detach().exp()
        return value.clone() if value.ndim else value.item()

    def level(self, name: str, size: int) -> Tensor:
        """A threshold as it takes part in a step, shape (size,)."""
        learned = getattr(self, f"log_{name}", None)
        if learned is None:
            return getattr(self, f"_{name}").expand(size)
        value = learned.exp()
        if self.quantised:
            scale = 2.0 ** self._fracs[name]
            value = value + ((value * scale).round() / scale - value).detach()
        return value.expand(size)

    def encoder(self, name: str, like: Tensor, size: int) -> Encoder:
        """How ``size`` values per step are encoded; steps and batch are those of ``like``."""
        disturbed = self.training and not self.quantised
        hidden = name != "threshold_x"
        noise = self.noise[hidden] if disturbed else 0.0
        return Encoder(
            threshold=self.level(name, size),
            noise=like.new_empty(*like.shape[:2], size).normal_(0, noise) if noise else None,
            step=self.rounding[hidden] if disturbed else 0.0,
            straight=self.straight,
        )

    def learn_thresholds(self, names: Sequence[str] = (), *, per_neuron: bool = False) -> None:
        """Make thresholds parameters; call it before the optimiser is made.

        Parameters
        ----------
        names : sequence of str
            ``threshold_x``, ``threshold_h_l0``, ...; all of them when empty.
        per_neuron : bool
            Each neuron has its own, else a layer has one.

        Raises
        ------
        ValueError
            When one is 0, from where nothing is learned.
        """
        for name in names or tuple(self._fracs):
            value = _logarithm(getattr(self, f"_{name}"))
            value = value.expand(self._size(name)).clone() if per_neuron else value.clone()
            self.register_parameter(f"log_{name}", nn.Parameter(value))

    def fix_thresholds(self) -> None:
        """End learning: what was learned becomes fixed thresholds on their grids."""
        for name in self._fracs:
            if hasattr(self, f"log_{name}"):
                value = self.get(name)
                delattr(self, f"log_{name}")
                self.replace(name, value)

    def replace(self, name: str, value: Threshold) -> None:
        """Set one threshold by its name, as its property does."""
        self.put(name, value, self._fracs[name], self._size(name))

    def _size(self, name: str) -> int:
        raise NotImplementedError


def _logarithm(value: Tensor) -> Tensor:
    if not (value > 0).all():
        raise ValueError(f"A learned threshold starts above 0, not at {float(value.min())!r}")
    return value.log()


def _keep_thresholds(
    module: Thresholded, state: dict[str, Tensor], prefix: str, *others: Any
) -> None:
    """Fill learned thresholds into a state dict that lacks them."""
    for name, value in module.named_parameters(recurse=False):
        if name.startswith("log_threshold"):
            state.setdefault(prefix + name, value.detach().clone())
