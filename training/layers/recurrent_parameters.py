"""What recurrent delta layers have before they run: parameters, formats, thresholds, counts."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from thresh.model.cells import CELLS

from . import quantise
from .formats import Formats, stacked
from .layer_statistics import Statistics, of_layer
from .thresholds import Threshold, Thresholded


class RecurrentParameters(Thresholded):
    """Parameters of `torch.nn.GRU`, `torch.nn.LSTM` or `torch.nn.RNN`, and settings of deltas.

    See `thresh.training.layers.delta_recurrent.DeltaRecurrent`, which runs them.
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
        self.layer_formats = stacked(formats, num_layers, self.cell.integer_bits)
        self.set_thresholds(threshold_x, threshold_h)
        self._fired: list[tuple[Tensor, Tensor]] = []

    def extra_repr(self) -> str:
        """Sizes and thresholds, where a threshold per neuron is shown by its mean."""
        levels = (self.get(f"threshold_h_l{number}") for number in range(self.num_layers))
        each = ", ".join(f"{torch.as_tensor(level).mean().item():.4g}" for level in levels)
        x = torch.as_tensor(self.threshold_x).mean().item()
        return (
            f"{self.input_size}, {self.hidden_size}, num_layers={self.num_layers}, "
            f"threshold_x={x:.4g}, threshold_h={each}"
        )

    def flatten_parameters(self) -> None:
        """Does nothing; PyTorch's layers have it for cuDNN."""

    @property
    def formats(self) -> Formats:
        """Formats of the first layer."""
        return self.layer_formats[0]

    @property
    def h_frac(self) -> int:
        """Fraction bits of the state."""
        return self.formats.value_bits - self.cell.integer_bits

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
        self.layer_formats = stacked(formats, self.num_layers, self.cell.integer_bits)
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
