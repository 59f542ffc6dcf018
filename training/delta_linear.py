"""A linear layer on deltas, trainable in PyTorch."""

import math

import torch
from torch import Tensor, nn

from thresh.model.arithmetic import pre_format, state_format
from thresh.model.cells import CELLS

from . import quantise
from .delta import references, snap
from .formats import Formats


class DeltaLinear(nn.Module):
    """``y = f(M)`` with ``M = bias + W reference``; parameters of `torch.nn.Linear`.

    Parameters
    ----------
    in_features, out_features : int
    threshold_x : float
        Rounded to the grid of the inputs.
    formats : Formats
        Used when `quantised` is set; ``weight_h_frac`` has no meaning.
    kind : str
        ``"linear"`` for no function, or another linear kind of `thresh.model.cells.CELLS`.

    Attributes
    ----------
    quantised : bool
        Follow the arithmetic contract in every integer; needs float64.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        threshold_x: float = 0.0,
        formats: Formats | None = None,
        kind: str = "linear",
    ) -> None:
        super().__init__()
        self.kind, self.function = kind, CELLS[kind].program[0].function
        self.in_features, self.out_features = in_features, out_features
        self.formats = formats or Formats(x_frac=state_format(16).frac, weight_x_frac=6)
        self.threshold_x = snap(threshold_x, self.formats.x_frac)
        self.quantised = False
        bound = 1 / math.sqrt(in_features)
        self.weight = nn.Parameter(torch.empty(out_features, in_features).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-bound, bound))

    def weights(self) -> tuple[Tensor, Tensor]:
        """Weight, shape (out, in), and bias, shape (out,); on their grids when quantised."""
        if not self.quantised:
            return self.weight, self.bias
        form = self.formats
        return (
            quantise.narrow(self.weight, form.weight_bits, form.weight_x_frac),
            quantise.narrow(self.bias, 32, form.accumulator_frac),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Outputs of ``x``, shape (batch, steps, in), encoded here; shape (batch, steps, out)."""
        return self.of_sent(references(x, self.threshold_x))

    def of_sent(self, sent: Tensor) -> Tensor:
        """Outputs of references that the layer before has encoded already."""
        weight, bias = self.weights()
        value = sent @ weight.T + bias
        if not self.quantised:
            return quantise.SMOOTH[self.function](value)
        form = pre_format(self.formats.value_bits)
        value = quantise.narrow(value, form.bits, form.frac)
        return quantise.FUNCTIONS[self.function](value, form.bits)
