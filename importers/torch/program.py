"""Programs of ``torch.export``: order, functions and non-linearities stand in their graph."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from thresh.importers.chain import Chain
from thresh.importers.imported import Imported, Source
from thresh.model.affine import Affine
from thresh.model.float_network import linear, with_function

from .folding import FOLDED, SAID, folded, operator_of
from .layers import Part, make_layers
from .tensors import as_arrays

RECURRENT = {"gru": "gru", "lstm": "lstm", "rnn_tanh": "rnn", "rnn_relu": "rnn"}
"""Operators of recurrent layers and the kinds of `Part`."""

FUNCTIONS = ("relu", "sigmoid", "tanh")

AFFINE = ("add", "sub", "mul", "div")
"""Operators of `Affine.of`."""

BY_ITSELF = ("layer_norm", "rms_norm", "group_norm", "instance_norm")
"""Functions that scale each step by what is in that step."""

SOFTMAXES = {"softmax": "softmax", "_softmax": "softmax", "log_softmax": "logsoftmax",
             "_log_softmax": "logsoftmax"}  # fmt: skip

MOVED = ("transpose", "permute", "slice", "select", "squeeze", "unsqueeze", "contiguous", "clone",
         "dropout", "getitem", "view", "reshape", "alias", "detach", "_to_copy", "to",
         "flatten", "mean")  # fmt: skip
"""Operators that move axes about or read some steps; the proof finds which."""


@dataclass(frozen=True)
class _Constant:
    """Numbers that the program holds."""

    array: np.ndarray


@dataclass(frozen=True)
class _Zeros:
    """A state of zero."""


@dataclass(frozen=True)
class _Signal:
    """The inputs after some layers; ``part`` tells outputs of one operator apart."""

    part: int = 0


def import_program(program: Any) -> Imported:
    """The network of an ``ExportedProgram`` whose graph is one chain from its first input.

    Raises
    ------
    ValueError
        In one sentence: what cannot be computed and what to do.
    """
    reader = _Reader(program)
    for node in program.graph.nodes:
        reader.read(node)
    return Imported(
        network=reader.chain.network(),
        notes=tuple(reader.chain.notes),
        reads="unknown",
        final=reader.final,
        source=_source(program, reader),
        tokens=reader.chain.tokens,
    )


class _Reader:
    """A program's nodes in turn, each with what its values mean."""

    def __init__(self, program: Any) -> None:
        self.chain, self.final, self.batch_first = Chain(), "", True
        self.averaged = False
        self.values: dict[Any, Any] = {}
        self.last: Any = None
        signature = program.graph_signature
        named = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
        tensors = {**program.state_dict, **program.constants}
        named |= dict(signature.inputs_to_lifted_tensor_constants)
        self.held = {name: tensors[target] for name, target in named.items()}
        self.inputs = list(signature.user_inputs)
        if not self.inputs:
            raise ValueError("The program has no inputs")

    def read(self, node: Any) -> None:
        """One more node."""
        if node.op == "placeholder":
            self.values[node] = self._placeholder(node)
        elif node.op == "call_function":
            self.values[node] = self._call(node)
        elif node.op != "output":
            raise ValueError(f"{node.name} is a {node.op}, which no chain of layers has")
        elif not any(self.values.get(one) == _Signal() for one in node.args[0]):
            raise ValueError("The program's first output is no chain of layers from its input")

    def _placeholder(self, node: Any) -> Any:
        if node.name in self.held:
            return _Constant(as_arrays({node.name: self.held[node.name]})[node.name])
        if node.name == self.inputs[0]:
            self.shape = tuple(
                size if isinstance(size, int) else None for size in node.meta["val"].shape
            )
            self.last = node
            return _Signal()
        self.chain.notes.append(f"the input {node.name} is taken to be 0")
        return _Zeros()

    def _call(self, node: Any) -> Any:
        op = operator_of(node)
        arguments = [self.values.get(one, one) if _is_node(one) else one for one in node.args]
        if not any(isinstance(one, _Signal) for one in arguments):
            if op in ("zeros", "zeros_like", "new_zeros", "sym_size"):
                return _Zeros()
            if op in (*MOVED, "expand") and isinstance(arguments[0], _Zeros):
                return arguments[0]
            if op == "embedding":
                raise ValueError(f"{node.name} looks up what is not the program's first input")
            return self._folded(op, node)
        return self._on_signal(op, node, arguments)

    def _on_signal(self, op: str, node: Any, arguments: list[Any]) -> Any:
        if op == "sym_size":
            return None
        if op == "embedding" and isinstance(arguments[0], _Constant):
            self.chain.table(arguments[0].array, node.name)
            return _Signal()
        if self.final and op not in MOVED:
            raise ValueError(f"{node.name} stands behind a {self.final}, which ends a chain")
        if op == "getitem":
            return replace(arguments[0], part=int(arguments[1]))
        second = any(isinstance(one, _Signal) and one.part for one in arguments)
        if second or (not isinstance(arguments[0], _Signal) and op not in AFFINE):
            raise ValueError(f"{node.name} reads a state or another second output: use outputs")
        if self.averaged and op in (*RECURRENT, *FUNCTIONS):
            raise ValueError(f"{node.name} stands behind the mean of all steps, which ends a chain")
        if op in RECURRENT:
            return self._recurrent(op, node, arguments)
        if op == "linear":
            bias = arguments[2].array if len(arguments) > 2 and arguments[2] else None
            self.chain.add(linear(arguments[1].array, bias, name=node.name))
        elif op in FUNCTIONS:
            self._function(op, node)
        elif op in SOFTMAXES and self.chain.layers:
            self.final = SOFTMAXES[op]
            self.chain.notes.append(f"{node.name} at the end is left out: it keeps the order")
        elif op in AFFINE:
            self._affine(op, node, arguments)
        elif op == "batch_norm":
            self._batch_norm(node, arguments)
        elif op in BY_ITSELF:
            raise ValueError(
                f"{node.name} is {op}, which scales each step by what is in that step: train it "
                f"with BatchNorm1d"
            )
        elif op not in MOVED:
            raise ValueError(
                f"{node.name} is {op}; GRU, LSTM, RNN, Linear, Embedding, BatchNorm1d, ReLU, "
                f"Sigmoid, Tanh and fixed numbers added or multiplied in a chain can be used"
            )
        self.averaged = self.averaged or op == "mean"
        return _Signal()

    def _function(self, op: str, node: Any) -> None:
        if not self.chain.layers:
            raise ValueError(f"{node.name} stands before the first layer; apply it to the inputs")
        self.chain.settle()
        name = self.chain.layers[-1].name
        self.chain.layers = with_function(self.chain.layers, op, name, self.chain.notes)

    def _batch_norm(self, node: Any, arguments: list[Any]) -> None:
        weight, bias, mean, variance = (
            one.array if isinstance(one, _Constant) else None for one in arguments[1:5]
        )
        if arguments[5]:
            raise ValueError(f"{node.name} still trains: export the module after eval()")
        if mean is None or variance is None:
            raise ValueError(f"{node.name} has no running mean and variance of its own")
        found = Affine.normalising(mean, variance, float(arguments[7]), weight=weight, bias=bias)
        self.chain.map(found, node.name)

    def _affine(self, op: str, node: Any, arguments: list[Any]) -> None:
        first, second = arguments[:2]
        if isinstance(first, _Signal) and isinstance(second, _Signal):
            raise ValueError(f"{node.name} joins two branches, and the layers must be one chain")
        if said := [f"{name}={value}" for name, value in node.kwargs.items()]:
            raise ValueError(f"{node.name} has {said[0]}, which is not read: write it without")
        other = second if isinstance(first, _Signal) else first
        if isinstance(other, _Zeros):
            other = 0.0
        if not isinstance(other, _Constant | int | float):
            raise ValueError(f"{node.name} takes what is no fixed number")
        array = other.array if isinstance(other, _Constant) else np.asarray(other, np.float64)
        if array.size != max(array.shape, default=1):
            raise ValueError(f"{node.name} takes shape {array.shape}, not one number per value")
        value = array.reshape(-1) if array.size > 1 else array.reshape(())
        if op in ("sub", "div") and isinstance(second, _Signal):
            raise ValueError(f"{node.name} has the signal on its right: write it the other way")
        self.chain.map(Affine.of(op, value, node.name), node.name)

    def _recurrent(self, op: str, node: Any, arguments: list[Any]) -> Any:
        states = arguments[1] if isinstance(arguments[1], list | tuple) else [arguments[1]]
        for state in states:
            if not isinstance(self.values.get(state) if _is_node(state) else state, _Zeros):
                raise ValueError(f"{node.name} starts from a state that is not zero")
        tensors, biased, levels = arguments[2], arguments[3], arguments[4]
        if arguments[7]:
            raise ValueError(
                f"{node.name} is bidirectional, which needs the end of a sequence before its "
                f"beginning: train it with bidirectional=False"
            )
        names = ["weight_ih", "weight_hh"] + ["bias_ih", "bias_hh"] * bool(biased)
        if len(tensors) != levels * len(names):
            raise ValueError(f"{node.name} has proj_size, which has no delta accumulator")
        part = Part(name=node.name, kind=RECURRENT[op])
        for level in range(levels):
            own = tensors[level * len(names) : (level + 1) * len(names)]
            part.levels.append(
                {name: self.values[one].array for name, one in zip(names, own, strict=True)}
            )
        for layer in make_layers(part, op.removeprefix("rnn_")):
            self.chain.add(layer)
        self.batch_first = self.batch_first and bool(arguments[8])
        return _Signal()

    def _folded(self, op: str, node: Any) -> Any:
        """A constant computed from constants."""
        if op in SAID:
            return None
        if op not in FOLDED:
            raise ValueError(f"{node.name} is {op} of fixed numbers, which is not computed here")
        given = []
        for one in node.args:
            value = self.values.get(one) if _is_node(one) else one
            if _is_node(one) and not isinstance(value, _Constant):
                return None
            given.append(value.array if isinstance(value, _Constant) else value)
        made = folded(op, node.target, given, node.kwargs)
        return _Constant(made) if isinstance(made, np.ndarray) else made


def _is_node(value: Any) -> bool:
    return type(value).__name__ == "Node"


def _source(program: Any, reader: _Reader) -> Source:
    """The program's own module."""
    import torch

    places = ("batch", "time") if reader.batch_first else ("time", "batch")
    sizes = dict(zip(places, (*reader.shape, None, None), strict=False))
    flat = len(reader.shape) == 2 - (reader.chain.tokens > 0)
    if flat:
        sizes = {"batch": 1, "time": reader.shape[0]}

    def run(x: np.ndarray) -> np.ndarray:
        module = program.module()
        value = torch.tensor(x, dtype=torch.float32)
        if reader.chain.tokens:
            value = value.argmax(-1)
        value = value if reader.batch_first else value.swapaxes(0, 1)
        value = value[0] if flat else value
        states = [
            torch.zeros(_shape(node, x.shape[0])) for node in program.graph.nodes
            if node.op == "placeholder" and node.name in reader.inputs[1:]
        ]  # fmt: skip
        with torch.no_grad():
            result = module(value, *states)
        while isinstance(result, tuple | list):
            result = result[0]
        outputs = result.double().numpy()
        if flat:
            return outputs[None]
        return outputs if reader.batch_first or outputs.ndim < 3 else outputs.swapaxes(0, 1)

    return Source(
        framework=f"PyTorch {torch.__version__}", run=run, batch=sizes.get("batch"),
        steps=sizes.get("time"),
    )  # fmt: skip


def _shape(node: Any, batch: int) -> list[int]:
    return [size if isinstance(size, int) else batch for size in node.meta["val"].shape]
