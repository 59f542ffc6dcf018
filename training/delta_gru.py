"""A GRU layer that only works when something changes, trainable in PyTorch."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from thresh.model.arithmetic import pre_format, state_format

from . import quantise
from .delta import references, send, snap


@dataclass(frozen=True, kw_only=True)
class Formats:
    """Number formats of a layer; the fields are those of `thresh.model.network.Layer`."""

    x_frac: int = 12
    weight_x_frac: int = 9
    weight_h_frac: int = 7
    weight_bits: int = 8
    value_bits: int = 16

    @property
    def accumulator_frac(self) -> int:
        """Fraction bits of M."""
        return self.x_frac + self.weight_x_frac


@dataclass(frozen=True, kw_only=True)
class DeltaTrace:
    """What a recurrent delta layer did; each of shape (batch, steps, size).

    Parameters
    ----------
    h : Tensor
        State.
    sent_h, sent_x : Tensor
        Last value sent of the state and of the inputs, after each step.
    """

    h: Tensor
    sent_h: Tensor
    sent_x: Tensor


class DeltaGRU(nn.Module):
    """One-layer GRU on deltas (paper eq. 10 to 14), reset after; parameters of `torch.nn.GRU`.

    ``r = sig(M_r)``, ``u = sig(M_u)``, ``c = tanh(M_xc + r M_hc)``, ``h = c + u (h - c)`` with
    ``M = bias + W reference``. At thresholds of zero and not quantised it equals `torch.nn.GRU`.

    Parameters
    ----------
    input_size, hidden_size : int
    threshold_x, threshold_h : float
        Rounded to the grids of inputs and state.
    formats : Formats
        Used when `quantised` is set.
    batch_first : bool
        Tensors are (batch, steps, size) rather than (steps, batch, size).

    Attributes
    ----------
    quantised : bool
        Follow the arithmetic contract in every integer; needs float64.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        threshold_x: float = 0.0,
        threshold_h: float = 0.0,
        formats: Formats | None = None,
        batch_first: bool = False,
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size = input_size, hidden_size
        self.formats = formats or Formats()
        self.batch_first = batch_first
        self.quantised = False
        self.set_thresholds(threshold_x, threshold_h)
        bound = 1 / math.sqrt(hidden_size)
        shapes = {
            "weight_ih_l0": (3 * hidden_size, input_size),
            "weight_hh_l0": (3 * hidden_size, hidden_size),
            "bias_ih_l0": (3 * hidden_size,),
            "bias_hh_l0": (3 * hidden_size,),
        }
        for name, shape in shapes.items():
            self.register_parameter(name, nn.Parameter(torch.empty(shape).uniform_(-bound, bound)))

    def set_thresholds(self, threshold_x: float, threshold_h: float) -> None:
        """Set both thresholds, rounded to their grids."""
        self.threshold_x = snap(threshold_x, self.formats.x_frac)
        self.threshold_h = snap(threshold_h, state_format(self.formats.value_bits).frac)

    def weights(self) -> tuple[Tensor, Tensor, Tensor]:
        """Weights of inputs and state, shape (3H, I) and (3H, H), and bias, shape (4, H).

        Bias rows are r, u, the hidden and the input part of c. On their grids when quantised.
        """
        weight_x, weight_h = self.weight_ih_l0, self.weight_hh_l0
        b_x, b_h = self.bias_ih_l0.view(3, -1), self.bias_hh_l0.view(3, -1)
        bias = torch.cat((b_x[:2] + b_h[:2], b_h[2:], b_x[2:]))
        if self.quantised:
            form = self.formats
            weight_x = quantise.narrow(weight_x, form.weight_bits, form.weight_x_frac)
            weight_h = quantise.narrow(weight_h, form.weight_bits, form.weight_h_frac)
            bias = quantise.narrow(bias, 32, form.accumulator_frac)
        return weight_x, weight_h, bias

    def forward(self, x: Tensor, h: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """States of every step, and the last one with a leading axis of one, as `torch.nn.GRU`."""
        if h is not None:
            raise ValueError("A delta layer starts each sequence from a state of zero, not from h")
        trace = self.run(x if self.batch_first else x.transpose(0, 1))
        return (trace.h if self.batch_first else trace.h.transpose(0, 1)), trace.h[:, -1][None]

    def run(self, x: Tensor) -> DeltaTrace:
        """Run sequences from rest.

        Parameters
        ----------
        x : Tensor, shape (batch, steps, inputs)
            On the grid of ``x_frac`` bits and within half its range when quantised.
        """
        if self.quantised:
            self._refuse(x)
        weight_x, weight_h, bias = self.weights()
        size = self.hidden_size
        sent_x = references(x, self.threshold_x)
        from_x = sent_x @ weight_x.T
        gates = from_x[..., : 2 * size] + bias[:2].flatten()
        candidate = from_x[..., 2 * size :] + bias[3]
        if self.quantised:
            candidate = self._pre(candidate)
        h = x.new_zeros(len(x), size)
        sent = h
        states, sents = [], []
        for gate, c_x in zip(gates.unbind(1), candidate.unbind(1), strict=True):
            from_h = sent @ weight_h.T
            h = self._step(gate + from_h[:, : 2 * size], from_h[:, 2 * size :] + bias[2], c_x, h)
            sent = send(h, sent, self.threshold_h)
            states.append(h)
            sents.append(sent)
        return DeltaTrace(h=torch.stack(states, 1), sent_h=torch.stack(sents, 1), sent_x=sent_x)

    def _step(self, gates: Tensor, c_h: Tensor, c_x: Tensor, h: Tensor) -> Tensor:
        size, bits = self.hidden_size, self.formats.value_bits
        if not self.quantised:
            opened = torch.sigmoid(gates)
            candidate = torch.tanh(c_x + opened[:, :size] * c_h)
            return candidate + opened[:, size:] * (h - candidate)
        state = state_format(bits)
        opened = quantise.sigmoid(self._pre(gates), bits)
        reset = self._pre(opened[:, :size] * self._pre(c_h))
        candidate = quantise.tanh(self._pre(c_x + reset), bits)
        kept = quantise.narrow(opened[:, size:] * (h - candidate), bits + 1, state.frac)
        return quantise.narrow(candidate + kept, bits, state.frac)

    def _pre(self, value: Tensor) -> Tensor:
        form = pre_format(self.formats.value_bits)
        return quantise.narrow(value, form.bits, form.frac)

    def _refuse(self, x: Tensor) -> None:
        if x.dtype != torch.float64:
            raise ValueError(f"A quantised layer needs float64 to be exact, not {x.dtype}")
        integers = x.detach() * 2.0**self.formats.x_frac
        limit = 2.0 ** (self.formats.value_bits - 2)
        if (integers != integers.round()).any() or (integers.abs() >= limit).any():
            raise ValueError(
                f"Quantised inputs must be multiples of 2**-{self.formats.x_frac} below "
                f"{limit * 2.0**-self.formats.x_frac:g} in magnitude"
            )
