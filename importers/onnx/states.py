"""Which outputs of an ONNX graph are the next step's state inputs."""

from dataclasses import dataclass
from typing import Any

PASSED = {
    "Identity", "Cast", "Squeeze", "Unsqueeze", "Reshape", "Transpose", "Slice", "Gather", "Split",
    "Flatten", "Expand",
}  # fmt: skip
"""Operators through which a state is followed by their first input."""

SLOTS = {"h": (5, (1, 0)), "c": (6, (2,))}
"""Input of a recurrent node that begins a state, and the outputs that end it in one step."""


@dataclass(frozen=True)
class State:
    """A state that goes in and comes out."""

    input: str
    output: str


def without_states(model: Any, inputs: list[Any]) -> list[Any]:
    """``inputs`` of a graph, those that only begin a recurrent node's state at their end."""
    makers = {name: node for node in model.graph.node for name in node.output if name}
    begins: set[str] = set()
    for node in model.graph.node:
        if node.op_type in ("GRU", "LSTM", "RNN"):
            for place, _ in SLOTS.values():
                if place < len(node.input):
                    begins |= _origins(node.input[place], makers, set())
            begins -= _origins(node.input[0], makers, set()) if node.input else set()
    return sorted(inputs, key=lambda value: value.name in begins)


def states_of(model: Any, inputs: list[Any]) -> tuple[State, ...]:
    """Pairs of graph inputs and outputs that are the same states of the same recurrent nodes.

    Parameters
    ----------
    model : onnx.ModelProto
    inputs : list of onnx.ValueInfoProto
        Inputs of the graph beside the network's own.

    Returns
    -------
    tuple of State
        Empty where one of ``inputs`` has no such output.
    """
    graph = model.graph
    makers = {name: node for node in graph.node for name in node.output if name}
    begins: dict[str, set[tuple[int, str]]] = {value.name: set() for value in inputs}
    ends: dict[str, tuple[int, str]] = {}
    nodes = [node for node in graph.node if node.op_type in ("GRU", "LSTM", "RNN")]
    for number, node in enumerate(nodes):
        for slot, (place, outputs) in SLOTS.items():
            if place < len(node.input):
                for name in _origins(node.input[place], makers, set()):
                    if name in begins:
                        begins[name].add((number, slot))
            for one in outputs:
                if one < len(node.output) and node.output[one]:
                    ends.setdefault(node.output[one], (number, slot))
    found = []
    for name, wanted in begins.items():
        for value in graph.output:
            reached = _origins(value.name, makers, set(ends))
            if wanted and {ends[one] for one in reached if one in ends} == wanted:
                found.append(State(name, value.name))
                break
        else:
            return ()
    return tuple(found)


def _origins(name: str, makers: dict[str, Any], stops: set[str]) -> set[str]:
    """Tensors from which ``name`` is only moved about: one of ``stops``, or made by nothing."""
    found, left, seen = set(), [name], set()
    while left:
        one = left.pop()
        if one in seen:
            continue
        seen.add(one)
        node = makers.get(one)
        if one in stops or node is None or node.op_type not in PASSED | {"Concat"}:
            found.add(one)
        else:
            left += node.input if node.op_type == "Concat" else node.input[:1]
    return found
