"""Recurrent layers that only work when something changes, trainable in PyTorch."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from thresh.model.arithmetic import gate_format, pre_format, state_format
from thresh.model.cells import CELLS, Instruction

from . import quantise
from .delta import references, send, snap
from .formats import Formats


@dataclass(frozen=True, kw_only=True)
class DeltaTrace:
    """What a recurrent delta layer did; each of shape (batch, steps, size).

    Parameters
    ----------
    h : Tensor
        State.
    sent_h, sent_x : Tensor
        Last value sent of the state and of the inputs, after each step.
    last : dict
        Persistent registers after the last step, each of shape (batch, size).
    """

    h: Tensor
    sent_h: Tensor
    sent_x: Tensor
    last: dict[str, Tensor]


class DeltaRecurrent(nn.Module):
    """One recurrent layer on deltas: ``M = bias + W reference``, then the cell's program.

    Parameters have the names, shapes and gate order of `torch.nn.GRU`, `torch.nn.LSTM` and
    `torch.nn.RNN`. At thresholds of zero and not quantised the layer equals them.

    Parameters
    ----------
    kind : str
        A recurrent kind of `thresh.model.cells.CELLS`.
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
        kind: str,
        input_size: int,
        hidden_size: int,
        *,
        threshold_x: float = 0.0,
        threshold_h: float = 0.0,
        formats: Formats | None = None,
        batch_first: bool = False,
    ) -> None:
        super().__init__()
        self.kind, self.cell = kind, CELLS[kind]
        self.input_size, self.hidden_size = input_size, hidden_size
        self.formats = formats or Formats()
        self.batch_first = batch_first
        self.quantised = False
        self.set_thresholds(threshold_x, threshold_h)
        bound, rows = 1 / math.sqrt(hidden_size), len(self.cell.gates) * hidden_size
        shapes = {
            "weight_ih_l0": (rows, input_size),
            "weight_hh_l0": (rows, hidden_size),
            "bias_ih_l0": (rows,),
            "bias_hh_l0": (rows,),
        }
        for name, shape in shapes.items():
            self.register_parameter(name, nn.Parameter(torch.empty(shape).uniform_(-bound, bound)))

    @property
    def h_frac(self) -> int:
        """Fraction bits of the state."""
        return self.formats.value_bits - self.cell.headroom

    def set_thresholds(self, threshold_x: float, threshold_h: float) -> None:
        """Set both thresholds, rounded to their grids."""
        self.threshold_x = snap(threshold_x, self.formats.x_frac)
        self.threshold_h = snap(threshold_h, self.h_frac)

    def weights(self) -> tuple[Tensor, Tensor, Tensor]:
        """Weights of inputs and state, shape (G, H, I) and (G, H, H), and bias, shape (K, H).

        On their grids when quantised.
        """
        form, gates = self.formats, len(self.cell.gates)
        weight_x = self.weight_ih_l0.view(gates, self.hidden_size, -1)
        weight_h = self.weight_hh_l0.view(gates, self.hidden_size, -1)
        b_x, b_h = self.bias_ih_l0.view(gates, -1), self.bias_hh_l0.view(gates, -1)
        bias = torch.stack(
            [b_x[p.gate] * p.inputs + b_h[p.gate] * p.hidden for p in self.cell.passes]
        )
        if self.quantised:
            weight_x = quantise.narrow(weight_x, form.weight_bits, form.weight_x_frac)
            weight_h = quantise.narrow(weight_h, form.weight_bits, form.weight_h_frac)
            bias = quantise.narrow(bias, 32, form.accumulator_frac)
        return weight_x, weight_h, bias

    def forward(self, x: Tensor, h: None = None) -> tuple[Tensor, Tensor | tuple[Tensor, Tensor]]:
        """States of every step, and the last state(s), as PyTorch's layer returns them."""
        if h is not None:
            raise ValueError("A delta layer starts each sequence from a state of zero, not from h")
        trace = self.run(x if self.batch_first else x.transpose(0, 1))
        last = tuple(value[None] for value in trace.last.values())
        outputs = trace.h if self.batch_first else trace.h.transpose(0, 1)
        return outputs, last[0] if len(last) == 1 else last

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
        passes = self.cell.passes
        columns_x = torch.cat([weight_x[p.gate] * p.inputs for p in passes]).T
        columns_h = torch.cat([weight_h[p.gate] * p.hidden for p in passes]).T
        sent_x = references(x, self.threshold_x)
        from_x = sent_x @ columns_x + bias.flatten()
        sent = x.new_zeros(len(x), self.hidden_size)
        registers = {name: sent for name in self.cell.persistent}
        states, sents = [], []
        for now in from_x.unbind(1):
            accumulators = torch.addmm(now, sent, columns_h)
            if self.quantised:
                form = pre_format(self.formats.value_bits)
                accumulators = quantise.narrow(accumulators, form.bits, form.frac)
            self._pointwise(accumulators.chunk(len(passes), 1), registers)
            sent = send(registers["h"], sent, self.threshold_h)
            states.append(registers["h"])
            sents.append(sent)
        return DeltaTrace(
            h=torch.stack(states, 1), sent_h=torch.stack(sents, 1), sent_x=sent_x,
            last={name: registers[name] for name in self.cell.persistent},
        )  # fmt: skip

    def _pointwise(self, accumulators: tuple[Tensor, ...], registers: dict[str, Tensor]) -> None:
        """Run the cell's program on registers, which keep real values on their grids."""
        bits, pending = self.formats.value_bits, iter(accumulators)
        fracs = {"h": self.h_frac, "s": pre_format(bits).frac}
        for op in self.cell.program:
            value = next(pending) if op.accumulator else registers[op.b]
            frac = pre_format(bits).frac if op.accumulator or op.to_pre else fracs[op.b]
            addend = registers[op.c] if op.c else None
            if op.lerp:
                value = value - addend
            if op.a:
                value = registers[op.a] * value
                if self.quantised:
                    value = quantise.narrow(value, bits + 1, frac)
            if addend is not None:
                value = value + addend
            registers[op.result], fracs[op.result] = self._function(op, value, frac)

    def _function(self, op: Instruction, value: Tensor, frac: int) -> tuple[Tensor, int]:
        """Result of an instruction and its fraction bits."""
        bits = self.formats.value_bits
        if not self.quantised:
            return quantise.SMOOTH[op.function](value), frac
        if op.a or op.c:
            value = quantise.narrow(value, bits, frac)
        return quantise.FUNCTIONS[op.function](value, bits), self._frac(op.function, frac)

    def _frac(self, function: str, frac: int) -> int:
        """Fraction bits of a function's result."""
        forms = {"sigmoid": gate_format, "tanh": state_format}
        return forms[function](self.formats.value_bits).frac if function in forms else frac

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


class DeltaGRU(DeltaRecurrent):
    """`DeltaRecurrent` in place of `torch.nn.GRU` (paper eq. 10 to 14)."""

    def __init__(self, input_size: int, hidden_size: int, **settings: Any) -> None:
        super().__init__("gru", input_size, hidden_size, **settings)


class DeltaLSTM(DeltaRecurrent):
    """`DeltaRecurrent` in place of `torch.nn.LSTM`."""

    def __init__(self, input_size: int, hidden_size: int, **settings: Any) -> None:
        super().__init__("lstm", input_size, hidden_size, **settings)


class DeltaRNN(DeltaRecurrent):
    """`DeltaRecurrent` in place of `torch.nn.RNN`; ``nonlinearity`` is ``tanh`` or ``relu``."""

    def __init__(
        self, input_size: int, hidden_size: int, nonlinearity: str = "tanh", **settings: Any
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"nonlinearity must be tanh or relu, not {nonlinearity!r}")
        super().__init__(f"rnn_{nonlinearity}", input_size, hidden_size, **settings)
