"""Networks in integers as ONNX with QDQ, and back without losing one.

The graph is the dense network: weights are int8 with power-of-two scales, inputs and every layer's
output pass a QuantizeLinear and a DequantizeLinear on their grids. Thresholds, and all else that
ONNX has no word for, lie in the metadata entry ``thresh``. Axes are (time, batch, size).
"""

from pathlib import Path
from typing import Any

import numpy as np

from thresh.model.cells import CELLS
from thresh.model.files import reason, write_atomically
from thresh.model.float_network import gate_biases, pass_biases
from thresh.model.model_file import assemble, description_of
from thresh.model.network import Layer, Network
from thresh.model.untrusted import json_of

from .cells import ORDERS

OPSET, IR_VERSION = 21, 10
"""The first with 16-bit QuantizeLinear."""

METADATA = "thresh"
OPERATORS = {"gru": "GRU", "lstm": "LSTM", "rnn_tanh": "RNN", "rnn_relu": "RNN"}
FUNCTIONS = {"linear_relu": "Relu", "linear_sigmoid": "Sigmoid", "linear_tanh": "Tanh"}


class _Builder:
    """Nodes and initializers of a graph."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.tensors: list[Any] = []

    def tensor(self, name: str, array: np.ndarray) -> str:
        from onnx import numpy_helper

        self.tensors.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def real(self, name: str, array: np.ndarray, frac: int) -> str:
        """Integers behind a DequantizeLinear."""
        scale = self.tensor(f"{name}.scale", np.array(2.0**-frac, np.float32))
        return self.node("DequantizeLinear", [self.tensor(name, array), scale], f"{name}.real")

    def grid(self, value: str, frac: int, bits: int) -> str:
        """``value`` rounded to a grid of int8 or int16."""
        kind = np.int8 if bits == 8 else np.int16
        pair = [
            self.tensor(f"{value}.scale", np.array(2.0**-frac, np.float32)),
            self.tensor(f"{value}.zero", np.array(0, kind)),
        ]
        integers = self.node("QuantizeLinear", [value, *pair], f"{value}.integers")
        return self.node("DequantizeLinear", [integers, *pair], f"{value}.grid")


def to_onnx(network: Network) -> Any:
    """The ONNX model of a network.

    Raises
    ------
    ValueError
        When a layer's kind has no ONNX operator.
    """
    from onnx import TensorProto, checker, helper

    build = _Builder()
    value = build.grid(_scaled(build, network), network.layers[0].x_frac, network.value_bits)
    for number, layer in enumerate(network.all_layers):
        add = _recurrent if layer.kind in OPERATORS else _linear
        output = add(build, layer, f"layers.{number}", value)
        value = build.grid(output, layer.h_frac, layer.value_bits)
    build.node("Identity", [value], "y")
    graph = helper.make_graph(
        build.nodes, network.name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["time", "batch", network.inputs])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["time", "batch", network.outputs])],
        build.tensors,
    )  # fmt: skip
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="thresh",
        ir_version=IR_VERSION,
    )  # fmt: skip
    helper.set_model_props(model, {METADATA: description_of(network)})
    checker.check_model(model)
    return model


def save_onnx(network: Network, path: Path | str) -> None:
    """Write `to_onnx`, whole or not at all."""
    write_atomically(path, to_onnx(network).SerializeToString())


def integers_of(model: Any, path: Path | str) -> Network | None:
    """The network whose integers `to_onnx` wrote; None when it wrote another model.

    Raises
    ------
    ValueError
        When tensors are missing or are not those of the metadata.
    """
    from onnx import numpy_helper

    texts = {entry.key: entry.value for entry in model.metadata_props}
    if METADATA not in texts:
        return None
    arrays = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    try:
        kinds = [layer["kind"] for layer in json_of(texts[METADATA], METADATA)["layers"]]
        tensors = {
            f"layers.{number}.{name}": array
            for number, kind in enumerate(kinds)
            for name, array in _own_order(arrays, f"layers.{number}", kind).items()
        }
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} has lost a part of what thresh export wrote ({reason(error)}): export it again"
        ) from error
    return assemble(texts[METADATA], tensors, path)


def _scaled(build: _Builder, network: Network) -> str:
    """The inputs after the scaling, where there is one."""
    if network.scaling is None:
        return "x"
    offsets = build.tensor("scaling.offsets", np.array(network.scaling.offsets, np.float32))
    scales = build.tensor("scaling.scales", np.array(network.scaling.scales, np.float32))
    return build.node("Mul", [build.node("Sub", ["x", offsets], "x.moved"), scales], "x.scaled")


def _recurrent(build: _Builder, layer: Layer, name: str, value: str) -> str:
    gates, units = len(layer.cell.gates), layer.units
    order = list(ORDERS[layer.kind])
    weight_x, weight_h = np.empty_like(layer.weight_x), np.empty_like(layer.weight_h)
    weight_x[order], weight_h[order] = layer.weight_x, layer.weight_h
    biases = np.empty((2, gates, units), np.int32)
    biases[:, order] = gate_biases(layer.cell, layer.bias)
    inputs = [
        value,
        build.real(
            f"{name}.W",
            weight_x.reshape(1, gates * units, layer.inputs).astype(np.int8),
            layer.weight_x_frac,
        ),
        build.real(
            f"{name}.R",
            weight_h.reshape(1, gates * units, units).astype(np.int8),
            layer.weight_h_frac,
        ),
        build.real(f"{name}.B", biases.reshape(1, -1), layer.accumulator_frac),
    ]
    more: dict[str, Any] = {"linear_before_reset": 1} if layer.kind == "gru" else {}
    more |= {"activations": ["Relu"]} if layer.kind == "rnn_relu" else {}
    whole = build.node(OPERATORS[layer.kind], inputs, f"{name}.Y", hidden_size=units, **more)
    axes = build.tensor(f"{name}.axes", np.array([1], np.int64))
    return build.node("Squeeze", [whole, axes], f"{name}.h")


def _linear(build: _Builder, layer: Layer, name: str, value: str) -> str:
    if layer.kind != "linear" and layer.kind not in FUNCTIONS:
        raise ValueError(f"{name} is a {layer.kind}, which ONNX has no operator for: export .npz")
    weight = build.real(f"{name}.W", layer.weight_x[0].T.astype(np.int8), layer.weight_x_frac)
    bias = build.real(f"{name}.B", layer.bias[0].astype(np.int32), layer.accumulator_frac)
    product = build.node("MatMul", [value, weight], f"{name}.product")
    result = build.node("Add", [product, bias], f"{name}.sum")
    if layer.kind == "linear":
        return result
    return build.node(FUNCTIONS[layer.kind], [result], f"{name}.h")


def _own_order(arrays: dict[str, np.ndarray], name: str, kind: str) -> dict[str, np.ndarray]:
    """The tensors of a layer as a model file has them."""
    weight, bias = arrays[f"{name}.W"], arrays[f"{name}.B"]
    if kind not in OPERATORS:
        no_hidden = np.zeros((1, weight.shape[1], 0), np.int8)
        return {"weight_x": weight.T[None], "weight_h": no_hidden, "bias": bias[None]}
    order, recurrence = list(ORDERS[kind]), arrays[f"{name}.R"]
    gates, units = len(order), recurrence.shape[2]
    biases = bias.reshape(2, gates, units)[:, order]
    return {
        "weight_x": weight.reshape(gates, units, -1)[order],
        "weight_h": recurrence.reshape(gates, units, units)[order],
        "bias": pass_biases(CELLS[kind], *biases),
    }
