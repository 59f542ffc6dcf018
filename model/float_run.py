"""The float delta network: every cell's program in float64."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .float_network import FloatLayer, FloatNetwork


def sigmoid(value: np.ndarray) -> np.ndarray:
    """``1 / (1 + exp(-value))``, without overflow."""
    small = np.exp(-np.abs(value))
    return np.where(value < 0, small, 1.0) / (1.0 + small)


FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "identity": lambda value: value,
    "relu": lambda value: np.maximum(value, 0.0),
    "sigmoid": sigmoid,
    "tanh": np.tanh,
}
"""Activation functions by the names of `thresh.model.arithmetic.FUNCTIONS`."""


@dataclass(frozen=True, kw_only=True)
class FloatTrace:
    """What a run saw; batch B is axis 0 and time T axis 1.

    Parameters
    ----------
    signals : tuple of ndarray, each of shape (B, T, size)
        The inputs, then every layer's output.
    fired : ndarray of int64, shape (B, T, layers + 1)
        Values of each signal that were sent in each step.
    """

    signals: tuple[np.ndarray, ...]
    fired: np.ndarray

    @property
    def outputs(self) -> np.ndarray:
        """Outputs of the last layer, shape (B, T, outputs)."""
        return self.signals[-1]


def run_float(
    network: FloatNetwork, x: np.ndarray, thresholds: Sequence[float] | None = None
) -> FloatTrace:
    """Run whole sequences from a state of zero.

    A value is sent when it differs from the last value sent and by at least the threshold:
    ``M = bias + W reference``. At thresholds of zero this is the dense network.

    Parameters
    ----------
    network : FloatNetwork
    x : array, shape (B, T, I)
    thresholds : sequence of float, optional
        One for the inputs and one for each layer's output; all 0 when not given.

    Raises
    ------
    ValueError
        When shapes, inputs or thresholds are not ones this network can take.
    """
    x = np.asarray(x, np.float64)
    if x.ndim != 3 or x.shape[2] != network.inputs:
        raise ValueError(f"Inputs must have shape (batch, steps, {network.inputs}), not {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError("Inputs must be finite")
    limits = np.zeros(len(network.layers) + 1) if thresholds is None else np.asarray(thresholds)
    if limits.shape != (len(network.layers) + 1,) or not (limits >= 0).all():
        raise ValueError(
            f"There must be {len(network.layers) + 1} thresholds of 0 or more, for the inputs and "
            f"each layer, not {thresholds}"
        )
    signals, fired = [x], []
    references = _references(x, limits[0])
    for layer, threshold in zip(network.layers, limits[1:], strict=True):
        fired.append(_count(references))
        signal, references = _run_layer(layer, references, threshold)
        signals.append(signal)
    fired.append(_count(references))
    return FloatTrace(signals=tuple(signals), fired=np.stack(fired, axis=2))


def _send(value: np.ndarray, reference: np.ndarray, threshold: float) -> np.ndarray:
    return np.where(np.abs(value - reference) >= threshold, value, reference)


def _references(values: np.ndarray, threshold: float) -> np.ndarray:
    references = np.zeros_like(values)
    last = np.zeros((values.shape[0], values.shape[2]))
    for now in range(values.shape[1]):
        references[:, now] = last = _send(values[:, now], last, threshold)
    return references


def _count(references: np.ndarray) -> np.ndarray:
    """Values that changed in each step; int64, shape (B, T)."""
    before = np.concatenate((np.zeros_like(references[:, :1]), references[:, :-1]), axis=1)
    return np.count_nonzero(references - before, axis=2)


def _run_layer(
    layer: FloatLayer, references_x: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray]:
    """Outputs and the references of them, both (B, T, H), from references of the inputs."""
    batch, steps, _ = references_x.shape
    passes = layer.cell.passes
    columns_x = np.concatenate([layer.weight_x[p.gate] * p.inputs for p in passes]).T
    columns_h = np.concatenate([layer.weight_h[p.gate] * p.hidden for p in passes]).T
    from_x = references_x @ columns_x + layer.bias.reshape(-1)
    outputs = np.zeros((batch, steps, layer.units))
    sent = np.zeros_like(outputs)
    reference = np.zeros((batch, layer.units))
    registers = {name: np.zeros((batch, layer.units)) for name in layer.cell.persistent}
    for now in range(steps):
        accumulators = from_x[:, now]
        if layer.hidden:
            accumulators = accumulators + reference @ columns_h
        _pointwise(layer, accumulators.reshape(batch, len(passes), layer.units), registers)
        outputs[:, now] = registers["h"]
        sent[:, now] = reference = _send(registers["h"], reference, threshold)
    return outputs, sent


def _pointwise(layer: FloatLayer, m: np.ndarray, registers: dict[str, np.ndarray]) -> None:
    row = 0
    for op in layer.cell.program:
        if op.accumulator:
            value, row = m[:, row], row + 1
        else:
            assert op.b is not None
            value = registers[op.b]
        if op.lerp:
            assert op.c is not None
            value = value - registers[op.c]
        if op.a:
            value = registers[op.a] * value
        if op.c:
            value = value + registers[op.c]
        registers[op.result] = FUNCTIONS[op.function](value)
