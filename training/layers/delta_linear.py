"""A linear layer that only works when something changes, in place of PyTorch's."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from thresh.model.arithmetic import pre_format, state_format
from thresh.model.cells import CELLS

from . import quantise
from .delta import encode
from .formats import Formats
from .layer_statistics import Statistics, of_layer
from .thresholds import Threshold, Thresholded


class DeltaLinear(Thresholded):
    """``y = f(M)`` with ``M = bias + W reference``; parameters of `torch.nn.Linear`.

    Parameters
    ----------
    in_features, out_features : int
    bias : bool
    threshold_x : float or Tensor of shape (in,)
        Rounded to the grid of the inputs; see `Thresholded` for learned ones.
    formats : Formats
        Used when `quantised` is set; ``weight_h_frac`` has no meaning.
    kind : str
        ``"linear"`` for no function, or another linear kind of `thresh.model.cells.CELLS`.
    batch_first : bool
        Inputs are (batch, steps, in) rather than (steps, batch, in).
    device, dtype
        Of the parameters.

    Attributes
    ----------
    quantised : bool
        Follow the arithmetic contract in every integer; needs float64.
    compiled : bool
        Use the compiled encoder where it can be had; else PyTorch operations.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        threshold_x: Threshold = 0.0,
        formats: Formats | None = None,
        kind: str = "linear",
        batch_first: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.kind, self.function = kind, CELLS[kind].program[0].function
        self.in_features, self.out_features = in_features, out_features
        self.formats = formats or Formats(x_frac=state_format(16).frac, weight_x_frac=6)
        self.batch_first, self.compiled = batch_first, True
        bound = 1 / math.sqrt(in_features)
        shapes = {"weight": (out_features, in_features)} | (
            {"bias": (out_features,)} if bias else {}
        )
        for name, shape in shapes.items():
            values = torch.empty(shape, device=device, dtype=dtype).uniform_(-bound, bound)
            self.register_parameter(name, nn.Parameter(values))
        if not bias:
            self.register_parameter("bias", None)
        self.threshold_x = threshold_x
        self._fired: Tensor | None = None

    @property
    def threshold_x(self) -> Threshold:
        """Threshold of the inputs; set it as in the constructor."""
        return self.get("threshold_x")

    @threshold_x.setter
    def threshold_x(self, value: Threshold) -> None:
        self.put("threshold_x", value, self.formats.x_frac, self.in_features)

    def _size(self, name: str) -> int:
        return self.in_features

    def set_formats(self, formats: Formats) -> None:
        """Set number formats, and round the threshold to its grid."""
        self.formats = formats
        self.threshold_x = self.threshold_x

    def weights(self) -> tuple[Tensor, Tensor]:
        """Weight, shape (out, in), and bias, shape (out,); on their grids when quantised."""
        bias = self.weight.new_zeros(self.out_features) if self.bias is None else self.bias
        if not self.quantised:
            return self.weight, bias
        form = self.formats
        return (
            quantise.narrow(self.weight, form.weight_bits, form.weight_x_frac),
            quantise.narrow(bias, 32, form.accumulator_frac),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Outputs of ``x``, encoded here.

        Parameters
        ----------
        x : Tensor, shape (batch, steps, in) or by `batch_first` (steps, batch, in); (steps, in)

        Returns
        -------
        Tensor, of the same order
        """
        if x.ndim not in (2, 3) or x.shape[-1] != self.in_features:
            raise ValueError(
                f"Inputs must have 2 or 3 dimensions, {self.in_features} the last, not "
                f"{tuple(x.shape)}"
            )
        swap = self.batch_first and x.ndim == 3
        steps = x.transpose(0, 1) if swap else x if x.ndim == 3 else x[:, None]
        start = x.new_zeros(steps.shape[1:])
        encoder = self.encoder("threshold_x", steps, self.in_features)
        sent, fired = encode(steps, start, encoder, compiled=self.compiled)
        self._fired = fired.transpose(0, 1)
        sent = sent.transpose(0, 1) if swap else sent if x.ndim == 3 else sent[:, 0]
        return self.of_sent(sent)

    def of_sent(self, sent: Tensor) -> Tensor:
        """Outputs of references that the layer before has encoded already."""
        weight, bias = self.weights()
        value = nn.functional.linear(sent, weight, bias)
        if not self.quantised:
            return quantise.SMOOTH[self.function](value)
        form = pre_format(self.formats.value_bits)
        value = quantise.narrow(value, form.bits, form.frac)
        return quantise.FUNCTIONS[self.function](value, form.bits)

    @property
    def statistics(self) -> tuple[Statistics, ...]:
        """Work of the last forward that encoded its inputs."""
        return self.measure()

    def measure(self, valid: Tensor | None = None) -> tuple[Statistics, ...]:
        """The same in steps where ``valid`` (batch, steps) holds."""
        if self._fired is None:
            return ()
        counted = torch.ones_like(self._fired) if valid is None else valid.to(self._fired)
        return (
            of_layer(
                fired_x=int((self._fired * counted).sum()), fired_h=0, steps=int(counted.sum()),
                inputs=self.in_features, hidden=0, rows=self.out_features,
            ),
        )  # fmt: skip
