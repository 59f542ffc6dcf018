"""Small ONNX models, made node by node."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

GATES = {"GRU": 3, "LSTM": 4, "RNN": 1}


def constants(op, inputs, units, *, seed=0, bias=True, prefix=""):
    """W, R and B of a recurrent node, as initializers."""
    random, rows = np.random.default_rng(seed), GATES[op] * units
    arrays = {"W": (1, rows, inputs), "R": (1, rows, units)} | (
        {"B": (1, 2 * rows)} if bias else {}
    )
    return [
        numpy_helper.from_array(random.normal(0, 0.5, shape).astype(np.float32), prefix + name)
        for name, shape in arrays.items()
    ]


def constant(name, array, dtype=np.float32):
    """One initializer."""
    return numpy_helper.from_array(np.asarray(array, dtype), name)


def model(nodes, initializers, *, x=("T", "B", 3), outputs=("Y",), producer="tests", more=()):
    """A model with the input X."""
    infos = [helper.make_tensor_value_info("X", TensorProto.FLOAT, x)]
    infos += [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in more]
    graph = helper.make_graph(
        nodes, "g", infos,
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        initializers,
    )  # fmt: skip
    made = helper.make_model(
        graph, producer_name=producer, opset_imports=[helper.make_opsetid("", 22)], ir_version=10
    )
    return onnx.shape_inference.infer_shapes(made)


def node(op, inputs, outputs, **attributes):
    """A node named after its operator."""
    return helper.make_node(op, inputs, outputs, name=op.lower(), **attributes)


def recurrent(op, *, inputs=3, units=4, x=("T", "B", 3), producer="tests", outputs=("Y",),
              extra=(), wiring=(), more=(), **attributes):  # fmt: skip
    """A model of one recurrent node; ``wiring`` are the names of inputs 4 and on."""
    attributes.setdefault("hidden_size", units)
    if op == "GRU":
        attributes.setdefault("linear_before_reset", 1)
    names = ["X", "W", "R", "B", *wiring]
    made = ["Y" if "Y" in outputs else "", "Y_h" if "Y_h" in outputs else ""]
    return model(
        [node(op, names, made, **{k: v for k, v in attributes.items() if v is not None})],
        [*constants(op, inputs, units), *extra],
        x=x, outputs=outputs, producer=producer, more=more,
    )  # fmt: skip
