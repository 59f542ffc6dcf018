"""Networks in floating point: what importers make, before anything is an integer."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .cells import Cell
from .layer_shape import TENSORS, LayerShape, cell_named
from .network import MAX_LAYERS

ACTIVATIONS = ("none", "relu", "sigmoid", "tanh")
"""Functions that may stand behind a layer."""


def pass_biases(cell: Cell, bias_x: np.ndarray, bias_h: np.ndarray) -> np.ndarray:
    """Biases of a cell's passes, (K, H), from those of its gates' two products, both (G, H)."""
    rows = [bias_x[p.gate] * p.inputs + bias_h[p.gate] * p.hidden for p in cell.passes]
    return np.stack(rows)


def gate_biases(cell: Cell, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The inverse of `pass_biases`: a bias that serves both products goes to the inputs'."""
    bias_x, bias_h = (np.zeros((len(cell.gates), bias.shape[1]), bias.dtype) for _ in range(2))
    for pass_, row in zip(cell.passes, bias, strict=True):
        (bias_x if pass_.inputs else bias_h)[pass_.gate] = row
    return bias_x, bias_h


def _reals(name: str, value: Any) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype == object or not np.issubdtype(array.dtype, np.number):
        raise ValueError(f"{name} must hold numbers, not {array.dtype}")
    if np.iscomplexobj(array):
        raise ValueError(f"{name} must hold real numbers, not {array.dtype}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must be finite, but {array[place]} stands at {place}")
    array.setflags(write=False)
    return array


@dataclass(frozen=True, kw_only=True, eq=False)
class FloatLayer(LayerShape):
    """One layer of G gates, H units, I inputs and K accumulators per unit.

    The gates stand in the order of the cell (GRU: r, u, c; LSTM: i, f, g, o), the biases in the
    order of its passes (GRU: r, hidden part of c, u, input part of c), as in
    `thresh.model.network.Layer`.

    Parameters
    ----------
    kind : str
        A name in `thresh.model.cells.CELLS`.
    weight_x : array, shape (G, H, I)
    weight_h : array, shape (G, H, H); (G, H, 0) when the cell is not recurrent
    bias : array, shape (K, H)
    name : str
        Where the layer came from, for people.

    Raises
    ------
    ValueError
        Naming the layer and tensor, what was wanted and what came.
    """

    kind: str
    weight_x: np.ndarray
    weight_h: np.ndarray
    bias: np.ndarray
    name: str = ""

    def __post_init__(self) -> None:
        cell_named(self.kind)
        label = f"{self.name}: " if self.name else ""
        for tensor in TENSORS:
            value = _reals(f"{label}{tensor}", getattr(self, tensor))
            object.__setattr__(self, tensor, value)
        self.refuse_shapes(label)


def linear(weight: Any, bias: Any, *, function: str = "identity", name: str = "") -> FloatLayer:
    """A linear layer from a weight of shape (outputs, inputs) and a bias or None."""
    weight = np.asarray(weight)
    if weight.ndim != 2:
        raise ValueError(f"{name}: weight must have shape (outputs, inputs), not {weight.shape}")
    outputs = len(weight)
    bias = np.zeros(outputs) if bias is None else np.asarray(bias)
    return FloatLayer(
        kind="linear" if function == "identity" else f"linear_{function}",
        weight_x=weight[None],
        weight_h=np.zeros((1, outputs, 0)),
        bias=bias[None],
        name=name,
    )


def function_layer(function: str, units: int, *, name: str = "") -> FloatLayer:
    """A linear layer of ones on the diagonal that only applies ``function``."""
    return linear(np.eye(units), None, function=function, name=name)


def with_function(
    layers: list[FloatLayer], function: str, name: str, notes: list[str]
) -> list[FloatLayer]:
    """``layers`` followed by a function: the last one's own, or a layer that only applies it."""
    if function not in ACTIVATIONS:
        raise ValueError(
            f"The activation after {name} must be {', '.join(ACTIVATIONS)}, not {function!r}"
        )
    if function == "none":
        return layers
    last = layers[-1]
    if last.kind == "linear":
        merged = linear(last.weight_x[0], last.bias[0], function=function, name=last.name)
        return [*layers[:-1], merged]
    notes.append(
        f"{function} after {name} takes a linear layer of its own with {last.units}² weights"
    )
    return [*layers, function_layer(function, last.units, name=f"{name} {function}")]


@dataclass(frozen=True, kw_only=True)
class FloatNetwork:
    """A stack of one to `MAX_LAYERS` layers; each takes what the one before gives.

    Raises
    ------
    ValueError
        When a layer's inputs are not the units of the one before.
    """

    layers: tuple[FloatLayer, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if not 1 <= len(self.layers) <= MAX_LAYERS:
            raise ValueError(f"A network has 1 to {MAX_LAYERS} layers, not {len(self.layers)}")
        pairs = zip(self.layers, self.layers[1:], strict=False)
        for number, (before, after) in enumerate(pairs, start=1):
            if before.units != after.inputs:
                raise ValueError(
                    f"Layer {number} {after.name or after.kind} must have {before.units} inputs "
                    f"as layer {number - 1} {before.name or before.kind} has units, not "
                    f"{after.inputs}"
                )

    @property
    def inputs(self) -> int:
        """Inputs per step."""
        return self.layers[0].inputs

    @property
    def outputs(self) -> int:
        """Outputs per step."""
        return self.layers[-1].units
