"""Recurrent layers that only work when something changes, in place of PyTorch's."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from thresh.model.cells import CELLS

from . import delta_loop, quantise
from .delta import encode, send
from .delta_trace import DeltaTrace, LayerTrace
from .formats import Formats, stacked
from .layer_statistics import Statistics, of_layer
from .thresholds import Threshold, Thresholded


class DeltaRecurrent(Thresholded):
    """Recurrent layers on deltas: ``M = bias + W reference``, then the cell's program.

    Parameters have the names, shapes and gate order of `torch.nn.GRU`, `torch.nn.LSTM` and
    `torch.nn.RNN`, whose state dicts load. At thresholds of 0 and not quantised, outputs and
    gradients are theirs. An initial state is encoded as every state is, against a reference of 0.

    Inputs are encoded with ``threshold_x``. A layer's state is encoded once, with its
    ``threshold_h``, for its own next step and for the layer behind it, as in the gateware.

    Parameters
    ----------
    kind : str
        A recurrent kind of `thresh.model.cells.CELLS`.
    input_size, hidden_size, num_layers : int
    bias, batch_first : bool
    dropout : float
        As PyTorch's, on what a layer sends to the next.
    threshold_x : float or Tensor of shape (I,)
    threshold_h : float, Tensor of shape (H,), or sequence of these, one per layer
        Rounded to the grids of inputs and state; see `Thresholded` for learned ones.
    formats : Formats, or sequence of Formats, one per layer
        Used when `quantised` is set; see `thresh.training.formats.stacked`.
    device, dtype
        Of the parameters.

    Attributes
    ----------
    quantised : bool
        Follow the arithmetic contract in every integer; needs float64.
    compiled : bool
        Use the compiled time loop where it can be had; else PyTorch operations.
    """

    def __init__(
        self,
        kind: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        *,
        threshold_x: Threshold = 0.0,
        threshold_h: Threshold | Sequence[Threshold] = 0.0,
        formats: Formats | Sequence[Formats] | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if bidirectional or proj_size:
            raise ValueError("A delta layer runs forward in time and without a projection")
        if num_layers < 1:
            raise ValueError(f"num_layers must be 1 or more, not {num_layers!r}")
        self.kind, self.cell = kind, CELLS[kind]
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, dropout
        self.compiled = True
        bound, rows = 1 / math.sqrt(hidden_size), len(self.cell.gates) * hidden_size
        for number in range(num_layers):
            shapes = {"weight_ih": (rows, hidden_size if number else input_size)}
            shapes |= {"weight_hh": (rows, hidden_size)}
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {}
            for name, shape in shapes.items():
                values = torch.empty(shape, device=device, dtype=dtype).uniform_(-bound, bound)
                self.register_parameter(f"{name}_l{number}", nn.Parameter(values))
        self.layer_formats = stacked(formats, num_layers, self.cell.headroom)
        self.set_thresholds(threshold_x, threshold_h)
        self._fired: list[tuple[Tensor, Tensor]] = []

    @property
    def formats(self) -> Formats:
        """Formats of the first layer."""
        return self.layer_formats[0]

    @property
    def h_frac(self) -> int:
        """Fraction bits of the state."""
        return self.formats.value_bits - self.cell.headroom

    @property
    def threshold_x(self) -> Threshold:
        """Threshold of the inputs; set it as in the constructor."""
        return self.get("threshold_x")

    @threshold_x.setter
    def threshold_x(self, value: Threshold) -> None:
        self.put("threshold_x", value, self.formats.x_frac, self.input_size)

    @property
    def threshold_h(self) -> Threshold | tuple[Threshold, ...]:
        """Threshold of the states: one number, or a tuple of each layer's when they differ."""
        each = tuple(self.get(f"threshold_h_l{number}") for number in range(self.num_layers))
        same = all(isinstance(one, float) and one == each[0] for one in each)
        return each[0] if same or len(each) == 1 else each

    @threshold_h.setter
    def threshold_h(self, value: Threshold | Sequence[Threshold]) -> None:
        each = list(value) if isinstance(value, Sequence) else [value] * self.num_layers
        if len(each) != self.num_layers:
            raise ValueError(
                f"threshold_h must be one, or one per layer of {self.num_layers}, not {len(each)}"
            )
        for number, one in enumerate(each):
            self.put(f"threshold_h_l{number}", one, self.h_frac, self.hidden_size)

    def set_thresholds(
        self, threshold_x: Threshold, threshold_h: Threshold | Sequence[Threshold]
    ) -> None:
        """Set both, as in the constructor."""
        self.threshold_x, self.threshold_h = threshold_x, threshold_h

    def _size(self, name: str) -> int:
        return self.input_size if name == "threshold_x" else self.hidden_size

    def set_formats(self, formats: Formats | Sequence[Formats]) -> None:
        """Set number formats, as in the constructor, and round thresholds to their grids."""
        self.layer_formats = stacked(formats, self.num_layers, self.cell.headroom)
        self.set_thresholds(self.threshold_x, self.threshold_h)

    def weights(self, number: int = 0) -> tuple[Tensor, Tensor, Tensor]:
        """A layer's weights of inputs and state, and bias; on their grids when quantised.

        Shapes (G, H, I), (G, H, H) and (K, H): one bias per accumulator, in the cell's order.
        """
        form, gates = self.layer_formats[number], len(self.cell.gates)
        weight_x = getattr(self, f"weight_ih_l{number}").view(gates, self.hidden_size, -1)
        weight_h = getattr(self, f"weight_hh_l{number}").view(gates, self.hidden_size, -1)
        if self.bias:
            b_x = getattr(self, f"bias_ih_l{number}").view(gates, -1)
            b_h = getattr(self, f"bias_hh_l{number}").view(gates, -1)
        else:
            b_x = b_h = weight_h.new_zeros(gates, self.hidden_size)
        bias = torch.stack(
            [b_x[p.gate] * p.inputs + b_h[p.gate] * p.hidden for p in self.cell.passes]
        )
        if self.quantised:
            weight_x = quantise.narrow(weight_x, form.weight_bits, form.weight_x_frac)
            weight_h = quantise.narrow(weight_h, form.weight_bits, form.weight_h_frac)
            bias = quantise.narrow(bias, 32, form.accumulator_frac)
        return weight_x, weight_h, bias

    def forward(
        self, x: Tensor, state: Tensor | tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor | tuple[Tensor, Tensor]]:
        """Outputs and last state(s), of the shapes that PyTorch's layer takes and returns."""
        if not isinstance(x, Tensor) or x.ndim not in (2, 3) or x.shape[-1] != self.input_size:
            came = tuple(x.shape) if isinstance(x, Tensor) else f"a {type(x).__name__}"
            raise ValueError(
                f"Inputs must be a tensor of 2 or 3 dimensions, {self.input_size} the last, "
                f"not {came}"
            )
        given = () if state is None else state if isinstance(state, tuple) else (state,)
        single = x.ndim == 2
        if single:
            x, given = x[None], tuple(value[:, None] for value in given)
        elif not self.batch_first:
            x = x.transpose(0, 1)
        trace = self.run(x, given)
        outputs = trace.h if self.batch_first or single else trace.h.transpose(0, 1)
        last = tuple(
            torch.stack([layer.last[name] for layer in trace.layers])
            for name in self.cell.persistent
        )
        if single:
            outputs, last = outputs[0], tuple(value[:, 0] for value in last)
        return outputs, last[0] if len(last) == 1 else last

    def run(self, x: Tensor, state: tuple[Tensor, ...] = ()) -> DeltaTrace:
        """Run sequences, from rest or from a state.

        Parameters
        ----------
        x : Tensor, shape (batch, steps, I)
            On the grid of ``x_frac`` bits and within half its range when quantised.
        state : tuple of Tensor, each of shape (layers, batch, H)
            Initial registers in the order of the cell's ``persistent``; h, and s of an LSTM.
        """
        if self.quantised:
            quantise.refuse_off_grid(x, self.formats.x_frac, self.formats.value_bits)
        names = self.cell.persistent
        shape = (self.num_layers, len(x), self.hidden_size)
        if not state:
            state = tuple(x.new_zeros(shape) for _ in names)
        if [tuple(value.shape) for value in state] != [shape] * len(names):
            raise ValueError(
                f"The initial state must be {len(names)} of shape {shape}, not "
                f"{', '.join(str(tuple(value.shape)) for value in state)}"
            )
        offered = x.transpose(0, 1)
        encoder = self.encoder("threshold_x", offered, self.input_size)
        sent, fired = encode(offered, torch.zeros_like(x[:, 0]), encoder, compiled=self.compiled)
        layers: list[LayerTrace] = []
        for number in range(self.num_layers):
            if number and self.dropout:
                sent = nn.functional.dropout(sent, self.dropout, self.training)
            start = {name: value[number] for name, value in zip(names, state, strict=True)}
            layers.append(self._layer(number, sent, fired, start))
            sent, fired = layers[-1].sent_h.transpose(0, 1), layers[-1].fired_h.transpose(0, 1)
        self._fired = [(layer.fired_x, layer.fired_h) for layer in layers]
        return DeltaTrace(layers=tuple(layers), x=x)

    def _layer(
        self, number: int, sent_x: Tensor, fired_x: Tensor, start: dict[str, Tensor]
    ) -> LayerTrace:
        """One layer over references of its inputs, shape (steps, batch, I)."""
        weight_x, weight_h, bias = self.weights(number)
        rows = len(self.cell.gates) * self.hidden_size
        with_x = {p.gate: bias[k] for k, p in enumerate(self.cell.passes) if p.inputs}
        alone = [bias[k] for k, p in enumerate(self.cell.passes) if not p.inputs]
        encoder = self.encoder(f"threshold_h_l{number}", sent_x, self.hidden_size)
        sent = send(start["h"], torch.zeros_like(start["h"]), encoder.threshold)
        weights = delta_loop.Weights(
            inputs=weight_x.reshape(rows, -1),
            hidden=weight_h.reshape(rows, -1),
            bias=torch.cat([with_x[gate] for gate in sorted(with_x)]),
            bias_alone=torch.cat(alone) if alone else bias.new_empty(0),
        )
        steps = delta_loop.run(
            self.kind, sent_x, weights, start, sent, encoder,
            value_bits=self.formats.value_bits if self.quantised else 0, compiled=self.compiled,
        )  # fmt: skip
        return LayerTrace(
            h=steps.h.transpose(0, 1), sent_h=steps.sent.transpose(0, 1),
            sent_x=sent_x.transpose(0, 1), fired_x=fired_x.transpose(0, 1),
            fired_h=steps.fired.transpose(0, 1), first_h=sent, last=steps.last,
        )  # fmt: skip

    @property
    def statistics(self) -> tuple[Statistics, ...]:
        """Work of each layer in the last forward."""
        return self.measure()

    def measure(self, valid: Tensor | None = None) -> tuple[Statistics, ...]:
        """Work of each layer in the last forward, in steps where ``valid`` (batch, steps) holds."""
        found = []
        for number, (fired_x, fired_h) in enumerate(self._fired):
            counted = torch.ones_like(fired_x) if valid is None else valid.to(fired_x)
            found.append(of_layer(
                fired_x=int((fired_x * counted).sum()), fired_h=int((fired_h * counted).sum()),
                steps=int(counted.sum()), hidden=self.hidden_size,
                inputs=self.hidden_size if number else self.input_size,
                rows=len(self.cell.gates) * self.hidden_size,
            ))  # fmt: skip
        return tuple(found)


class DeltaGRU(DeltaRecurrent):
    """`DeltaRecurrent` in place of `torch.nn.GRU` (paper eq. 10 to 14)."""

    def __init__(self, input_size: int, hidden_size: int, *more: Any, **settings: Any) -> None:
        super().__init__("gru", input_size, hidden_size, *more, **settings)


class DeltaLSTM(DeltaRecurrent):
    """`DeltaRecurrent` in place of `torch.nn.LSTM`."""

    def __init__(self, input_size: int, hidden_size: int, *more: Any, **settings: Any) -> None:
        super().__init__("lstm", input_size, hidden_size, *more, **settings)


class DeltaRNN(DeltaRecurrent):
    """`DeltaRecurrent` in place of `torch.nn.RNN`; ``nonlinearity`` is ``tanh`` or ``relu``."""

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh",
        *more: Any, **settings: Any,
    ) -> None:  # fmt: skip
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"nonlinearity must be tanh or relu, not {nonlinearity!r}")
        super().__init__(f"rnn_{nonlinearity}", input_size, hidden_size, num_layers, *more,
                         **settings)  # fmt: skip
        self.nonlinearity = nonlinearity
