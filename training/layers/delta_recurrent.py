"""Recurrent layers that only work when something changes, in place of PyTorch's."""

from typing import Any

import torch
from torch import Tensor, nn

from . import delta_loop, quantise
from .delta import encode, send
from .delta_trace import DeltaTrace, LayerTrace
from .recurrent_parameters import RecurrentParameters


class DeltaRecurrent(RecurrentParameters):
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
        Used when `quantised` is set; see `thresh.training.layers.formats.stacked`.
    device, dtype
        Of the parameters.

    Attributes
    ----------
    quantised : bool
        Follow the arithmetic contract in every integer; needs float64.
    compiled : bool
        Use the compiled time loop where it can be had; else PyTorch operations.
    """

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
        rest = torch.zeros_like(start["h"])
        sent = send(start["h"], rest, encoder.threshold, straight=encoder.straight)
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
