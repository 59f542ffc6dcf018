"""ONNX's products, sums and functions as float layers."""

import numpy as np

from thresh.model.affine import Affine
from thresh.model.float_network import linear, with_function

from .values import Axis, Operation, Signal


def matmul(node: Operation, notes: list[str]) -> Signal:
    """A product with a constant on the right."""
    signal, weight = node.signal(), node.constant(1, "its second factor")
    assert weight is not None
    if weight.ndim != 2:
        raise ValueError(f"{node.name}: a weight must have 2 axes, not shape {weight.shape}")
    return _linear(node, signal, weight.T, None)


def gemm(node: Operation, notes: list[str]) -> Signal:
    """``alpha X B + beta C``."""
    signal, given = node.signal(), node.attributes
    weight, bias = node.constant(1, "B"), node.constant(2, "C")
    assert weight is not None
    if given.get("transA"):
        raise ValueError(f"{node.name} transposes the signal, which is no chain of layers")
    if weight.ndim != 2:
        raise ValueError(f"{node.name}: B must have 2 axes, not shape {weight.shape}")
    weight = weight if given.get("transB") else weight.T
    if bias is not None:
        bias = _per_unit(node, signal, bias, len(weight)) * given.get("beta", 1.0)
    return _linear(node, signal, weight * given.get("alpha", 1.0), bias)


def affine(node: Operation, notes: list[str]) -> Signal:
    """Add, Sub, Mul and Div with fixed numbers."""
    place = 0 if isinstance(node.input(0), Signal) else 1
    signal = node.signal(place)
    if isinstance(node.input(1 - place), Signal):
        raise ValueError(f"{node.name} joins two branches, and the layers must be one chain")
    array = node.constant(1 - place, "what is added or multiplied")
    assert array is not None
    _refuse_final(node, signal)
    if place and node.op in ("Sub", "Div"):
        raise ValueError(f"{node.name} has the signal on its right: write it the other way")
    units = signal.layers[-1].units if signal.layers else (signal.axes[-1].size or array.size)
    value = np.array(_per_unit(node, signal, np.asarray(array, np.float64), units))
    made = Affine.of(node.op.lower(), value, node.name)
    if value.size > 1:
        signal.axes[-1].bind("feature", node.name)
    return signal.mapped(made)


def batch_normalisation(node: Operation, notes: list[str]) -> Signal:
    """BatchNormalization by the mean and variance of the file."""
    signal = node.signal()
    _refuse_final(node, signal)
    if node.attributes.get("training_mode") or not node.attributes.get("is_test", 1):
        raise ValueError(f"{node.name} still trains: export the network after model.eval()")
    weight, bias, mean, variance = (
        node.constant(place, name)
        for place, name in enumerate(("scale", "B", "mean", "variance"), 1)
    )
    if mean is None or variance is None:
        raise ValueError(f"{node.name} lacks its mean or variance")
    if len(signal.axes) < 2:
        raise ValueError(f"{node.name} must have an axis 1, which it works along")
    signal.axes[1].bind("feature", node.name)
    try:
        affine = Affine.normalising(
            np.asarray(mean, np.float64), np.asarray(variance, np.float64),
            node.attributes.get("epsilon", 1e-5), weight=weight, bias=bias,
        )  # fmt: skip
    except ValueError as error:
        raise ValueError(f"{node.name}: {error}") from error
    return signal.mapped(affine)


def function(node: Operation, notes: list[str]) -> Signal:
    """Relu, Sigmoid and Tanh."""
    signal = node.signal()
    _refuse_final(node, signal)
    if not signal.layers:
        raise ValueError(f"{node.name} stands before the first layer; apply it to the inputs")
    if signal.reads == "mean":
        raise ValueError(f"{node.name} stands behind the mean of all steps, which ends a chain")
    signal = signal.settled()
    before = list(signal.layers)
    layers = with_function(before, node.op.lower(), before[-1].name, notes)
    return signal.then(layers=tuple(layers))


def softmax(node: Operation, notes: list[str]) -> Signal:
    """Softmax and LogSoftmax at the end, which keep the order."""
    signal = node.signal()
    _refuse_final(node, signal)
    axis = signal.place(int(node.attributes.get("axis", -1)), node.name)
    if axis != len(signal.axes) - 1 or not signal.layers:
        raise ValueError(f"{node.name} must be over the outputs of the last layer")
    notes.append(f"{node.name} at the end is left out: it keeps the order")
    return signal.settled().then(final=node.op.lower())


def _linear(node: Operation, signal: Signal, weight: np.ndarray, bias: np.ndarray | None) -> Signal:
    _refuse_final(node, signal)
    signal.axes[-1].bind("feature", node.name)
    layer = linear(weight, bias, name=node.name)
    axes = (*signal.axes[:-1], Axis(layer.units, "feature"))
    return signal.with_layer(layer, axes=axes)


def _per_unit(node: Operation, signal: Signal, bias: np.ndarray, units: int) -> np.ndarray:
    """A bias that is the same in every step, shape (units,)."""
    width = bias.shape[-1] if bias.ndim else 1
    if bias.size != width or width not in (1, units) or bias.ndim > len(signal.axes):
        raise ValueError(f"{node.name} must add one bias per unit, not shape {bias.shape}")
    return np.broadcast_to(bias.reshape(-1), units)


def _refuse_final(node: Operation, signal: Signal) -> None:
    if signal.final:
        raise ValueError(f"{node.name} stands behind a {signal.final}, which ends a chain")


LAYERS = {
    "MatMul": matmul, "Gemm": gemm, "Add": affine, "Sub": affine, "Mul": affine, "Div": affine,
    "Relu": function, "Sigmoid": function, "Tanh": function, "Softmax": softmax,
    "LogSoftmax": softmax, "BatchNormalization": batch_normalisation,
}  # fmt: skip
"""Functions by operator: from `Operation` and notes to its output."""
