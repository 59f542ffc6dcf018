"""Keras layers as float layers, from their configuration and weights."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from thresh.model.cells import CELLS
from thresh.model.float_network import FloatLayer, linear, pass_biases, with_function

CELL_CLASSES = {
    "GRU": ((1, 0, 2), "gru"),
    "LSTM": ((0, 1, 2, 3), "lstm"),
    "SimpleRNN": ((0,), "rnn"),
}
"""Where our gates stand in Keras' order (GRU: z, r, h; LSTM: i, f, c, o), and our kind."""

PASSED_OVER = ("InputLayer", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout")
"""Layers that change nothing once training is over."""

DENSE = {"linear": "none", "relu": "relu", "sigmoid": "sigmoid", "tanh": "tanh"}
"""Keras' activations by our names."""

LIMITS = ("max_value", "negative_slope", "threshold")
"""Settings with which a ReLU is another function."""

LIKELY = {"hard_sigmoid": "a piecewise linear function, not sigmoid"}


def function_name(value: Any) -> str:
    """The name of an activation, however the file writes it."""
    if isinstance(value, Mapping):
        inner, kind = value.get("config"), str(value.get("class_name", ""))
        if isinstance(inner, Mapping):
            return layer_function(kind, inner)
        value = inner if isinstance(inner, str) else kind
    return "linear" if value is None else str(value).lower()


def layer_function(kind: str, config: Mapping[str, Any], last: Sequence[int] = (-1, 2)) -> str:
    """The name of the function that a layer is, with what its settings make of it.

    Parameters
    ----------
    kind : str
        Class in Keras.
    config : dict
        Settings of the layer.
    last : sequence of int
        Numbers of the last axis.
    """
    if kind == "ReLU" and any(config.get(one) for one in LIMITS):
        return "relu with a limit, slope or threshold"
    axis = config.get("axis", -1)
    if kind == "Softmax" and axis not in (*last, *([one] for one in last)):
        return f"softmax over axis {axis}, which does not keep the order of outputs"
    return kind.lower()


def refuse_settings(kind: str, name: str, config: Mapping[str, Any]) -> None:
    """Refuse what a causal delta network cannot compute.

    Raises
    ------
    ValueError
        With the layer, the setting and the reason.
    """
    if config.get("go_backwards"):
        raise ValueError(
            f"{name} has go_backwards, which needs the end of a sequence before its beginning; "
            f"train it forward"
        )
    if kind == "GRU" and not config.get("reset_after"):
        raise ValueError(
            f"{name} is reset-before (reset_after=False), whose reset gate changes the inputs of "
            f"the recurrent product; train it with reset_after=True"
        )
    if kind in ("GRU", "LSTM"):
        wanted = {"recurrent_activation": "sigmoid", "activation": "tanh"}
        for setting, function in wanted.items():
            given = function_name(config[setting]) if setting in config else "not said"
            if given != function:
                why = LIKELY.get(given)
                raise ValueError(
                    f"{name} has the {setting} {given}{f' ({why})' if why else ''}, and the "
                    f"accelerator's {kind} has {function}; train it with that"
                )


def cell_layer(
    kind: str, name: str, config: Mapping[str, Any], arrays: Sequence[np.ndarray]
) -> FloatLayer:
    """A GRU, LSTM or SimpleRNN.

    Parameters
    ----------
    kind : str
        Class in Keras.
    name : str
    config : dict
        Settings of the layer.
    arrays : sequence of ndarray
        Kernel (inputs, gates units), recurrent kernel (units, gates units) and bias, which a GRU
        has twice: (2, 3 units).
    """
    refuse_settings(kind, name, config)
    order, ours = CELL_CLASSES[kind]
    if kind == "SimpleRNN":
        function = function_name(config.get("activation", "not said"))
        if function not in ("tanh", "relu"):
            raise ValueError(f"{name} has the activation {function}; SimpleRNN takes tanh or relu")
        ours = f"rnn_{function}"
    biased = config.get("use_bias", True)
    if len(arrays) != 2 + biased or any(array.ndim != 2 for array in arrays[:2]):
        raise ValueError(
            f"{name} must have {2 + biased} weights, its two kernels with 2 axes, not shapes "
            f"{', '.join(str(array.shape) for array in arrays)}"
        )
    gates, units = len(order), arrays[1].shape[0]
    columns = gates * units
    wanted: list[tuple[int, ...]] = [(arrays[0].shape[0], columns), (units, columns)]
    wanted += [(2, columns) if kind == "GRU" else (columns,)][: int(biased)]
    for array, shape in zip(arrays, wanted, strict=True):
        if array.shape != shape:
            raise ValueError(f"{name} must have a weight of shape {shape}, not {array.shape}")
    bias = np.zeros((2, columns))
    if biased:
        bias[: 2 if kind == "GRU" else 1] = arrays[2]
    biases = bias.reshape(2, gates, units)[:, order]
    return FloatLayer(
        kind=ours,
        weight_x=_gates(arrays[0], gates)[list(order)],
        weight_h=_gates(arrays[1], gates)[list(order)],
        bias=pass_biases(CELLS[ours], *biases),
        name=name,
    )


def dense_layers(
    name: str, config: Mapping[str, Any], arrays: Sequence[np.ndarray], notes: list[str]
) -> tuple[list[FloatLayer], bool]:
    """A Dense layer, and whether a softmax follows it."""
    biased = config.get("use_bias", True)
    if arrays and arrays[0].dtype.kind in "iu":
        raise ValueError(
            f"{name} holds {arrays[0].dtype} weights that Keras quantised: import the float model "
            f"that it was made from, it is quantised here"
        )
    if len(arrays) != 1 + biased or arrays[0].ndim != 2:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise ValueError(f"{name} must have {1 + biased} weights, not shapes {shapes}")
    layer = linear(arrays[0].T, arrays[1] if biased else None, name=name)
    return apply([layer], function_name(config.get("activation")), name, notes)


def apply(
    layers: list[FloatLayer], function: str, name: str, notes: list[str]
) -> tuple[list[FloatLayer], bool]:
    """Layers followed by Keras' function, and whether that is a softmax."""
    if function == "softmax":
        notes.append(f"the softmax of {name} at the end is left out: it keeps the order")
        return layers, True
    if function not in DENSE:
        raise ValueError(
            f"{name} has the activation {function}"
            f"{f' ({LIKELY[function]})' if function in LIKELY else ''}; {', '.join(DENSE)} can be "
            f"used, and softmax at the end"
        )
    return with_function(layers, DENSE[function], name, notes), False


def _gates(kernel: np.ndarray, gates: int) -> np.ndarray:
    """(I, G H) to (G, H, I)."""
    return np.asarray(kernel, np.float64).T.reshape(gates, -1, kernel.shape[0])
