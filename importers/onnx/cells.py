"""ONNX's GRU, LSTM and RNN as float layers, or why they cannot be."""

import numpy as np

from thresh.model.cells import CELLS
from thresh.model.float_network import FloatLayer, pass_biases

from .values import Axis, Constant, Fill, Operation, Signal, Value

ORDERS = {
    # where our gates stand in ONNX's order
    "gru": (1, 0, 2),  # z, r, h
    "lstm": (0, 2, 3, 1),  # i, o, f, c
    "rnn_tanh": (0,),
    "rnn_relu": (0,),
}
"""Rows of ONNX's weights in the order of the cell's gates."""

STANDARD = {"GRU": ["sigmoid", "tanh"], "LSTM": ["sigmoid", "tanh", "tanh"], "RNN": ["tanh"]}
"""Activations that need no mention."""

PEEPHOLES, INITIAL_C = 7, 6


def recurrent(node: Operation, *, reset_after: bool) -> tuple[Value, Value]:
    """Outputs Y and Y_h of a recurrent node.

    Parameters
    ----------
    node : Operation
    reset_after : bool
        The user says that a GRU is reset-after, whatever the file says.

    Raises
    ------
    ValueError
        When it computes what a causal delta network cannot.
    """
    signal = node.signal(0)
    _refuse(node, signal)
    kind = _kind(node, reset_after=reset_after)
    layer = _layer(node, kind)
    batch_first = node.attributes.get("layout", 0)
    if batch_first not in (0, 1):
        raise ValueError(f"{node.name}: layout must be 0 or 1, not {batch_first}")
    if len(signal.axes) != 3:
        raise ValueError(f"{node.name}: X must have 3 axes, not {len(signal.axes)}")
    roles = ("batch", "time", "feature") if batch_first else ("time", "batch", "feature")
    for axis, role in zip(signal.axes, roles, strict=True):
        axis.bind(role, node.name)
    first, second, _ = signal.axes
    batch = first if batch_first else second
    feature, direction = Axis(layer.units, "feature"), Axis(1, "one")
    made = signal.with_layer(layer)
    if batch_first:
        y, last = (first, second, direction, feature), (batch, direction, feature)
    else:
        y, last = (first, direction, second, feature), (direction, batch, feature)
    return Signal(made.layers, y), Signal(made.layers, last, reads="last")


def _refuse(node: Operation, signal: Signal) -> None:
    given = node.attributes
    direction = given.get("direction", b"forward").decode()
    if direction != "forward":
        raise ValueError(
            f"{node.name} is {direction}: it needs the end of a sequence before its beginning and "
            f"so cannot run as inputs arrive; train it forward"
        )
    if node.input(PEEPHOLES) is not None and node.op == "LSTM":
        peepholes = node.input(PEEPHOLES)
        if not _is_zero(peepholes):
            raise ValueError(
                f"{node.name} has peepholes, gates that read the cell state; train it without"
            )
    if node.input(4) is not None:
        raise ValueError(
            f"{node.name} has sequence_lens, which ends sequences of a batch at different steps: "
            f"export it without, each sequence runs by itself here"
        )
    if given.get("clip"):
        raise ValueError(
            f"{node.name} clips its pre-activations at {given['clip']:g}, which the accelerator "
            f"does not do; train it without clip"
        )
    if given.get("input_forget"):
        raise ValueError(f"{node.name} couples input and forget gates; train it without")
    for place, label in ((5, "initial_h"), (INITIAL_C, "initial_c")):
        state = node.input(place)
        if state is not None and not _is_zero(state):
            raise ValueError(
                f"{node.name} starts from {label}, but a sequence starts from a state of zero here"
            )
    if signal.reads != "all" or signal.final:
        what = f"a {signal.final}" if signal.final else f"the {signal.reads} of all steps"
        raise ValueError(f"{node.name} stands behind {what}, which ends a chain")


def _is_zero(value: Value | None) -> bool:
    if isinstance(value, Constant):
        return not value.array.any()
    return isinstance(value, Fill) and value.value == 0


def _kind(node: Operation, *, reset_after: bool) -> str:
    given = [name.decode() for name in node.attributes.get("activations", [])]
    functions = [name.lower() for name in given] or STANDARD[node.op]
    if node.op == "RNN" and functions in (["tanh"], ["relu"]):
        return f"rnn_{functions[0]}"
    if functions != STANDARD[node.op]:
        raise ValueError(
            f"{node.name} has the activations {', '.join(given)}; the accelerator's "
            f"{node.op} has {', '.join(STANDARD[node.op])}{' or relu' * (node.op == 'RNN')}"
        )
    if node.op == "GRU" and not node.attributes.get("linear_before_reset") and not reset_after:
        raise ValueError(
            f"{node.name} is reset-before (linear_before_reset=0), whose reset gate changes the "
            f"inputs of the recurrent product, so that nothing of it can be kept between steps: "
            f"train it reset-after, as PyTorch and Keras do"
        )
    return node.op.lower()


def _layer(node: Operation, kind: str) -> FloatLayer:
    order = ORDERS[kind]
    gates = len(order)
    weight = _array(node, 1, "W", 3)
    recurrence = _array(node, 2, "R", 3)
    if weight.shape[0] != 1 or recurrence.shape[0] != 1:
        raise ValueError(f"{node.name} has {weight.shape[0]} directions of weights, not one")
    units = recurrence.shape[2]
    if units == 0 or weight.shape[1] != gates * units or recurrence.shape[1] != gates * units:
        raise ValueError(
            f"{node.name}: W and R must have {gates} rows per unit, not shapes {weight.shape} and "
            f"{recurrence.shape}"
        )
    if node.attributes.get("hidden_size", units) != units:
        raise ValueError(
            f"{node.name}: hidden_size {node.attributes['hidden_size']} is not the {units} "
            f"columns of R"
        )
    bias = np.zeros((1, 2 * gates * units))
    if node.input(3) is not None:
        bias = _array(node, 3, "B", 2)
        if bias.shape != (1, 2 * gates * units):
            raise ValueError(
                f"{node.name}: B must have shape {(1, 2 * gates * units)}, not {bias.shape}"
            )
    biases = bias.reshape(2, gates, units)[:, order]
    return FloatLayer(
        kind=kind,
        weight_x=weight.reshape(gates, units, -1)[list(order)],
        weight_h=recurrence.reshape(gates, units, units)[list(order)],
        bias=pass_biases(CELLS[kind], *biases),
        name=node.name,
    )


def _array(node: Operation, place: int, label: str, axes: int) -> np.ndarray:
    array = node.constant(place, label)
    if array is None or array.ndim != axes:
        shape = None if array is None else array.shape
        raise ValueError(f"{node.name}: {label} must have {axes} axes, not shape {shape}")
    return np.asarray(array, np.float64)
