"""The arithmetic contract in differentiable float64: same values, useful gradients.

Values are real numbers on binary grids, so float64 holds every product and sum exactly and each
rounding equals the integer one of `thresh.model.arithmetic`. Gradients pass straight through
roundings, stop where a value saturates, and are the smooth derivatives of sigmoid and tanh.
"""

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from thresh.model import arithmetic
from thresh.model.qformat import QFormat


class _Narrow(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, value: Tensor, bits: int, frac: int) -> Tensor:
        form, scale = QFormat(bits=bits, frac=frac), 2.0**frac
        rounded = torch.floor(value * scale + 0.5)
        clipped = rounded.clamp(form.lowest, form.highest)
        ctx.save_for_backward(rounded == clipped)
        return clipped / scale

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        (inside,) = ctx.saved_tensors
        return grads[0] * inside, None, None


def narrow(value: Tensor, bits: int, frac: int) -> Tensor:
    """Nearest number of ``bits`` and ``frac``, halves upwards, saturated; straight-through."""
    return _Narrow.apply(value, bits, frac)


@lru_cache
def table(value_bits: int) -> Tensor:
    """The sigmoid table of `thresh.model.arithmetic`, integers as float64."""
    return torch.tensor(arithmetic.sigmoid_table(value_bits), dtype=torch.float64)


def _look_up(value: Tensor, doubled: int, value_bits: int) -> tuple[Tensor, Tensor]:
    """Table integers of ``|2**doubled * value|``, and where the index is negative."""
    frac = arithmetic.table_frac(value_bits)
    limit = (arithmetic.TABLE_RANGE << frac) - 1
    index = torch.floor(value * 2.0 ** (frac + doubled) + 0.5).clamp(-limit, limit)
    return table(value_bits).to(index.device)[index.abs().long()], index < 0


class _Sigmoid(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, value: Tensor, value_bits: int) -> Tensor:
        form = arithmetic.gate_format(value_bits)
        positive, negative = _look_up(value, 0, value_bits)
        result = torch.where(negative, 2.0**form.frac - positive, positive) / 2.0**form.frac
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        (result,) = ctx.saved_tensors
        return grads[0] * result * (1 - result), None


class _Tanh(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, value: Tensor, value_bits: int) -> Tensor:
        one = 2.0 ** arithmetic.state_format(value_bits).frac
        positive, negative = _look_up(value, 1, value_bits)
        positive = positive - one
        result = torch.where(negative, -positive, positive) / one
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        (result,) = ctx.saved_tensors
        return grads[0] * (1 - result * result), None


def sigmoid(value: Tensor, value_bits: int) -> Tensor:
    """Table sigmoid of numbers in the pre-activation format; smooth gradient."""
    return _Sigmoid.apply(value, value_bits)


def tanh(value: Tensor, value_bits: int) -> Tensor:
    """Table tanh of numbers in the pre-activation format; smooth gradient."""
    return _Tanh.apply(value, value_bits)


FUNCTIONS = {
    "identity": lambda value, value_bits: value,
    "relu": lambda value, value_bits: torch.relu(value),
    "sigmoid": sigmoid,
    "tanh": tanh,
}
"""Activation functions on grids, by the names of `thresh.model.arithmetic.FUNCTIONS`."""

SMOOTH = {
    "identity": lambda value: value,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}
"""The same in floating point."""


def refuse_off_grid(x: Tensor, frac: int, value_bits: int) -> None:
    """Refuse inputs that integers cannot hold, or that leave no room for deltas.

    Raises
    ------
    ValueError
        When one is not a multiple of ``2**-frac``, or takes more than half the range, or float64
        is not what they are in.
    """
    if x.dtype != torch.float64:
        raise ValueError(f"A quantised layer needs float64 to be exact, not {x.dtype}")
    integers = x.detach() * 2.0**frac
    limit = 2.0 ** (value_bits - 2)
    beyond = (integers < -limit) | (integers >= limit)
    if (integers != integers.round()).any() or beyond.any():
        most = limit * 2.0**-frac
        raise ValueError(
            f"Quantised inputs must be multiples of 2**-{frac} from {-most:g} to below {most:g}"
        )
