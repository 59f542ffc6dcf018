"""The network that is trained: delta GRU layers, then linear, on every step."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from thresh.model.arithmetic import state_format
from thresh.training.layers.delta_linear import DeltaLinear
from thresh.training.layers.delta_recurrent import DeltaGRU
from thresh.training.layers.delta_trace import DeltaTrace
from thresh.training.layers.formats import Formats

from .work import Work


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a network did with a batch: outputs, shape (batch, steps, outputs), and its layers."""

    outputs: Tensor
    trace: DeltaTrace


class Net(nn.Module):
    """Front -> `DeltaGRU` of one or more layers -> `DeltaLinear`.

    Parameters
    ----------
    inputs, units, outputs, layers : int
    front : Module
        Applied to every step; no part of the recurrent network. None for nothing.
    formats : Formats
        Of the first GRU layer.
    linear_frac : int
        Fraction bits of the linear layer's weights.

    Attributes
    ----------
    dropout : float
        Share of what the linear layer receives that is left out while training.
    """

    def __init__(
        self, inputs: int, units: int, outputs: int, *, layers: int = 1,
        front: nn.Module | None = None, formats: Formats | None = None, linear_frac: int = 6,
    ) -> None:  # fmt: skip
        super().__init__()
        self.front = front or nn.Identity()
        self.gru = DeltaGRU(inputs, units, layers, formats=formats, batch_first=True)
        form = self.gru.formats
        self.linear = DeltaLinear(
            units,
            outputs,
            formats=Formats(
                x_frac=state_format(form.value_bits).frac,
                weight_x_frac=linear_frac,
                weight_bits=form.weight_bits,
                value_bits=form.value_bits,
            ),
        )
        self.dropout = 0.0

    @property
    def weights(self) -> list[tuple[nn.Parameter, nn.Parameter]]:
        """Weights of inputs and of state, layer by layer."""
        return [
            (getattr(self.gru, f"weight_ih_l{number}"), getattr(self.gru, f"weight_hh_l{number}"))
            for number in range(self.gru.num_layers)
        ]

    @property
    def quantised(self) -> bool:
        """Whether it follows the arithmetic contract in every integer."""
        return self.gru.quantised

    def set_quantised(self, quantised: bool) -> None:
        """Switch all layers, and to float64 when quantised."""
        self.gru.quantised = self.linear.quantised = quantised
        self.double() if quantised else self.float()

    def set_thresholds(self, threshold_x: float, threshold_h: float | list[float]) -> None:
        """Thresholds of the inputs and of the layers' states; the last serves the linear too."""
        self.gru.set_thresholds(threshold_x, threshold_h)
        self.linear.threshold_x = self.gru.get(f"threshold_h_l{self.gru.num_layers - 1}")

    def scale_thresholds(self, scale: float) -> None:
        """Multiply every threshold, learned ones too."""
        level = self.gru.threshold_h
        scaled = [scale * one for one in level] if isinstance(level, tuple) else scale * level
        self.set_thresholds(scale * self.gru.threshold_x, scaled)

    def forward(self, x: Tensor) -> Run:
        """Run sequences from rest; ``x`` of shape (batch, steps, anything the front takes)."""
        trace = self.gru.run(self.front(x).to(self.linear.weight.dtype))
        sent = trace.sent_h
        if self.dropout:
            sent = nn.functional.dropout(sent, self.dropout, self.training)
        return Run(outputs=self.linear.of_sent(sent), trace=trace)

    def work(self, run: Run, valid: Tensor) -> Work:
        """Fetches of the steps where ``valid``, bool of shape (batch, steps), holds.

        Where a weight that is zero is never fetched, an entry counts with the mean number of other
        weights in a column of its matrix.
        """
        steps, layers = int(valid.sum()), run.trace.layers
        entries_x = [int((layer.fired_x * valid).sum()) for layer in layers]
        entries_h = [int((layer.fired_h * valid).sum()) for layer in layers]
        with torch.no_grad():
            used = [self.gru.weights(number)[:2] for number in range(len(layers))]
            fetched = [
                (count, weight.flatten(0, -2))
                for pair, *counts in zip(used, entries_x, entries_h, strict=True)
                for weight, count in zip(pair, counts, strict=True)
            ]
            fetched.append((entries_h[-1], self.linear.weights()[0]))
            nonzero = [int(torch.count_nonzero(weight)) for _, weight in fetched]
        return Work(
            delta=sum(count * len(weight) for count, weight in fetched),
            sparse=round(
                sum(
                    count * (left / weight.shape[1])
                    for (count, weight), left in zip(fetched, nonzero, strict=True)
                )
            ),
            dense=steps * sum(weight.numel() for _, weight in fetched),
            entries_x=entries_x[0],
            entries_h=sum(entries_h),
            steps=steps,
        )
