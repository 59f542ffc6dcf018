"""The network of the tasks: delta GRU layers, then linear, on every step."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from thresh.training.digits.classifier import Work
from thresh.training.layers.delta_linear import DeltaLinear
from thresh.training.layers.delta_recurrent import DeltaGRU
from thresh.training.layers.delta_trace import DeltaTrace


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a network did with a batch: outputs, shape (batch, steps, outputs), and its layers."""

    outputs: Tensor
    trace: DeltaTrace


class TaskNet(nn.Module):
    """Front -> `DeltaGRU` of one or more layers -> `DeltaLinear`.

    Parameters
    ----------
    inputs, units, outputs, layers : int
    front : Module
        Applied to every step; no part of the recurrent network.
    """

    def __init__(
        self, inputs: int, units: int, outputs: int, *, layers: int = 1, front: nn.Module
    ) -> None:
        super().__init__()
        self.front = front
        self.gru = DeltaGRU(inputs, units, layers, batch_first=True)
        self.linear = DeltaLinear(units, outputs)

    @property
    def weights(self) -> list[tuple[nn.Parameter, nn.Parameter]]:
        """Weights of inputs and of state, layer by layer."""
        return [
            (getattr(self.gru, f"weight_ih_l{number}"), getattr(self.gru, f"weight_hh_l{number}"))
            for number in range(self.gru.num_layers)
        ]

    def set_thresholds(self, threshold_x: float, threshold_h: float) -> None:
        """Thresholds of the inputs and of every layer's state."""
        self.gru.set_thresholds(threshold_x, threshold_h)

    def scale_thresholds(self, scale: float) -> None:
        """Multiply every threshold, learned ones too."""
        level = self.gru.threshold_h
        scaled = [scale * one for one in level] if isinstance(level, tuple) else scale * level
        self.gru.set_thresholds(scale * self.gru.threshold_x, scaled)

    def forward(self, x: Tensor) -> Run:
        """Run sequences from rest; ``x`` of shape (batch, steps, anything the front takes)."""
        trace = self.gru.run(self.front(x))
        return Run(outputs=self.linear.of_sent(trace.sent_h), trace=trace)

    def work(self, run: Run, valid: Tensor) -> Work:
        """Fetches of the steps where ``valid``, bool of shape (batch, steps), holds.

        A weight that is zero is never fetched: an entry counts with the mean number of other
        weights in a column of its matrix.
        """
        steps, layers = int(valid.sum()), run.trace.layers
        entries_x = [int((layer.fired_x * valid).sum()) for layer in layers]
        entries_h = [int((layer.fired_h * valid).sum()) for layer in layers]
        delta, weights = 0.0, [self.linear.weight]
        for pair, *entries in zip(self.weights, entries_x, entries_h, strict=True):
            delta += sum(n * _column(weight) for n, weight in zip(entries, pair, strict=True))
            weights += pair
        delta += entries_h[-1] * _column(self.linear.weight)
        return Work(
            delta=round(delta),
            dense=steps * sum(weight.numel() for weight in weights),
            entries_x=entries_x[0],
            entries_h=sum(entries_h),
            steps=steps,
        )


def _column(weight: Tensor) -> float:
    """Weights of a column that are not zero, in the mean."""
    return torch.count_nonzero(weight).item() / weight.shape[1]
