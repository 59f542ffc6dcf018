"""An ONNX graph as a chain of float layers: only what its output needs is read."""

from typing import Any

import numpy as np

from thresh.model.files import reason

from .cells import recurrent
from .layers import LAYERS
from .shapes import HANDLERS, OF_FILLS
from .states import without_states
from .values import Axis, Constant, Dims, Fill, Operation, Signal, Value

DOMAINS = ("", "ai.onnx")

NEW_SOFTMAX = 13
"""Version of ONNX from which a softmax is over the last axis where it says none."""

LOOPS = ("Scan", "Loop", "If", "SequenceMap")
"""Operators that hold graphs of their own."""

BY_ITSELF = ("LayerNormalization", "RMSNormalization", "InstanceNormalization",
             "GroupNormalization", "LpNormalization", "MeanVarianceNormalization")  # fmt: skip
"""Operators that scale each step by what is in that step."""


class Graph:
    """Meanings of tensors, found when they are asked for.

    Parameters
    ----------
    model : onnx.ModelProto
    reset_after, input_name
        As for `thresh.importers.onnx.network.import_onnx`.

    Attributes
    ----------
    notes : list of str
    """

    def __init__(
        self, model: Any, *, reset_after: bool = False, input_name: str | None = None
    ) -> None:
        from onnx import numpy_helper

        self.model, self.reset_after = model, reset_after
        self.notes: list[str] = []
        self.values: dict[str, Value] = {}
        for tensor in model.graph.initializer:
            try:
                self.values[tensor.name] = Constant(numpy_helper.to_array(tensor))
            except Exception as error:
                raise ValueError(
                    f"The tensor {tensor.name} cannot be read: {reason(error)}"
                ) from error
        self.inputs = [i for i in model.graph.input if i.name not in self.values]
        if not self.inputs:
            raise ValueError("The graph has no inputs")
        if input_name is None:
            self.inputs = without_states(model, self.inputs)
        else:
            names = [value.name for value in self.inputs]
            if input_name not in names:
                raise ValueError(f"The input must be one of {', '.join(names)}, not {input_name!r}")
            self.inputs.sort(key=lambda value: value.name != input_name)
        self.values[self.inputs[0].name] = Signal((), _axes(self.inputs[0]))
        for other in self.inputs[1:]:
            self.values[other.name] = Fill(0.0)
            self.notes.append(f"the input {other.name} is taken to be 0")
        versions = [one.version for one in model.opset_import if one.domain in DOMAINS]
        self.opset = max(versions, default=NEW_SOFTMAX)
        self.makers = {name: node for node in model.graph.node for name in node.output if name}

    @property
    def input_signal(self) -> Signal:
        """The network's inputs."""
        value = self.values[self.inputs[0].name]
        assert isinstance(value, Signal)
        return value

    def output_signal(self, name: str) -> Signal:
        """The meaning of an output.

        Raises
        ------
        ValueError
            When it is no chain of layers from the inputs.
        """
        for node in self._needed(name):
            self._evaluate(node)
        value = self._value(name)
        if not isinstance(value, Signal) or not value.layers:
            raise ValueError(f"The output {name} is no chain of layers from the inputs")
        if any(axis.parts for axis in value.axes):
            raise ValueError(f"The output {name} has batch and time in one axis: split it again")
        return value.settled()

    def _needed(self, name: str) -> list[Any]:
        """Nodes that ``name`` depends on, in the file's order, which ONNX keeps sorted."""
        names, wanted = set(self.values), [name]
        while wanted:
            one = wanted.pop()
            if one and one not in names:
                names.add(one)
                wanted += self.makers[one].input if one in self.makers else []
        return [node for node in self.model.graph.node if names.intersection(node.output)]

    def _value(self, name: str) -> Value:
        """The meaning of a tensor whose node has been evaluated."""
        if name in self.values:
            return self.values[name]
        if name in self.makers:
            raise ValueError(f"{label(self.makers[name])}: {name} cannot be part of a chain")
        raise ValueError(f"The graph uses the tensor {name!r}, which nothing makes")

    def _evaluate(self, node: Any) -> None:
        from onnx import helper, numpy_helper

        if node.domain not in DOMAINS:
            raise ValueError(f"{label(node)} is of the domain {node.domain}, which is not known")
        if node.op_type in LOOPS:
            raise ValueError(
                f"{label(node)} is a program inside the graph: what it repeats "
                f"cannot be read, export the recurrence as a GRU, LSTM or RNN node"
            )
        inputs = tuple(self._value(name) if name else None for name in node.input)
        if all(isinstance(value, Constant) for value in inputs if value is not None):
            self._fold(node)
            return
        try:
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            if "value" in attributes:
                attributes["value"] = numpy_helper.to_array(attributes["value"])
            if node.op_type in ("Softmax", "LogSoftmax") and self.opset < NEW_SOFTMAX:
                attributes.setdefault("axis", 1)
            operation = Operation(node.op_type, label(node), inputs, attributes, tuple(node.output))
            results = self._results(operation)
        except (IndexError, TypeError, AttributeError, KeyError, AssertionError) as error:
            raise ValueError(
                f"{label(node)} is not one that ONNX allows: {reason(error)}"
            ) from error
        for name, result in zip(node.output, results, strict=False):
            if name:
                self.values[name] = result

    def _results(self, node: Operation) -> tuple[Value, ...]:
        first = node.input(0)
        if isinstance(first, Fill) and node.op in OF_FILLS:
            return (first,) * len(node.outputs)
        if node.op in ("GRU", "LSTM", "RNN"):
            return recurrent(node, reset_after=self.reset_after)
        if node.op in HANDLERS:
            return (_settled(HANDLERS[node.op](node)),)
        if node.op in LAYERS:
            return (LAYERS[node.op](node, self.notes),)
        if node.op.endswith(("QuantizeLinear", "DequantizeLinear")):
            raise ValueError(
                f"{node.name} quantises what the network computes: import the float model that it "
                f"was made from, it is quantised here"
            )
        if node.op in BY_ITSELF:
            raise ValueError(
                f"{node.name} scales each step by what is in that step, so that every value "
                f"changes with every other: train it with BatchNormalization"
            )
        raise ValueError(
            f"{node.name} is not supported: a chain of GRU, LSTM, RNN, MatMul, Gemm, Add, "
            f"BatchNormalization, Relu, Sigmoid and Tanh can be used"
        )

    def _fold(self, node: Any) -> None:
        """Compute a node of constants."""
        from onnx import helper
        from onnx.reference import ReferenceEvaluator

        given = {name: self.values[name] for name in node.input if name}
        graph = helper.make_graph(
            [node], "fold",
            [helper.make_value_info(name, helper.make_tensor_type_proto(
                helper.np_dtype_to_tensor_dtype(value.array.dtype), value.array.shape))
             for name, value in given.items() if isinstance(value, Constant)],
            [helper.make_value_info(name, helper.make_tensor_type_proto(1, None))
             for name in node.output if name],
        )  # fmt: skip
        model = helper.make_model(graph, opset_imports=self.model.opset_import)
        arrays = {n: v.array for n, v in given.items() if isinstance(v, Constant)}
        try:
            results = ReferenceEvaluator(model).run(None, arrays)
        except Exception as error:
            raise ValueError(
                f"{label(node)} of constants cannot be computed: {reason(error)}"
            ) from error
        names = [name for name in node.output if name]
        self.values |= {n: Constant(np.asarray(r)) for n, r in zip(names, results, strict=True)}


def label(node: Any) -> str:
    """What people call a node."""
    return f"{node.op_type} {node.name or next(filter(None, node.output), '')}".strip()


def _axes(value: Any) -> tuple[Axis, ...]:
    """Axes of a graph input."""
    if not value.type.tensor_type.HasField("shape"):
        raise ValueError(f"The input {value.name} has no shape, so its axes cannot be resolved")
    dims = value.type.tensor_type.shape.dim
    return tuple(
        Axis(d.dim_value if d.HasField("dim_value") and d.dim_value else None) for d in dims
    )


def _settled(value: Value) -> Value:
    """A vector of known sizes is a constant."""
    if isinstance(value, Dims) and all(isinstance(entry, int) for entry in value.entries):
        array = np.array(value.entries, np.int64)
        return Constant(array[0] if value.scalar else array)
    return value
