"""ONNX networks: a chain of GRU, LSTM, RNN and linear layers."""

from pathlib import Path
from typing import Any

from thresh.importers.imported import Imported
from thresh.model.files import reason
from thresh.model.float_network import FloatNetwork

from .graph import Graph, label
from .source import graph_sources
from .states import states_of


def load_model(path: Path | str) -> Any:
    """Read and check an ONNX file.

    Raises
    ------
    ValueError
        When it is not a whole and valid one.
    OSError
        When it cannot be read.
    """
    import onnx

    Path(path).open("rb").close()
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model)
    except Exception as error:
        raise ValueError(f"{path} is not a whole ONNX file: {reason(error)}") from error
    return model


def import_onnx(
    model: Any,
    *,
    output: str | None = None,
    reset_after: bool = False,
    input_name: str | None = None,
) -> Imported:
    """The network of an ONNX model.

    Parameters
    ----------
    model : onnx.ModelProto
    output : str, optional
        Output of the graph to read; the first when not given.
    reset_after : bool
        Every GRU is reset-after although the file says ``linear_before_reset=0``: onnxscript 0.5.7
        to 0.7.0 left the attribute out of what PyTorch exports.

    input_name : str, optional
        Input of the graph that is the network's; the first that is no state when not given.

    Raises
    ------
    ValueError
        In one sentence: what cannot be computed and what to do.
    """
    model = _without_functions(model)
    if not reset_after:
        _refuse_silent_fault(model)
    graph = Graph(model, reset_after=reset_after, input_name=input_name)
    names = [value.name for value in model.graph.output]
    if output is not None and output not in names:
        raise ValueError(f"The output must be one of {', '.join(names)}, not {output!r}")
    output = output or names[0]
    end = graph.output_signal(output)
    notes = list(graph.notes)
    notes += [f"the output {name} is left out" for name in names if name != output]
    proven = model
    if reset_after and (changed := _as_reset_after(model)):
        proven = changed
        notes.append(
            "linear_before_reset=0 of the file is taken for 1, as --reset-after says; the source "
            "ran with this change"
        )
    network = FloatNetwork(layers=end.layers)
    states = states_of(proven, graph.inputs[1:]) if len(graph.inputs) > 1 else ()
    sources = graph_sources(proven, graph.inputs, graph.input_signal, output, end, states)
    return Imported(
        network=network,
        notes=tuple(notes),
        reads="all" if sources and sources[0].feeds_back else end.reads,
        final=end.final,
        source=sources[0] if sources else None,
        others=sources[1:],
    )


def _without_functions(model: Any) -> Any:
    """The model with the nodes of its own functions in the place of their calls."""
    if not model.functions:
        return model
    from onnx import inliner

    try:
        return inliner.inline_local_functions(model)
    except Exception as error:
        raise ValueError(f"The functions of the file cannot be read: {reason(error)}") from error


def _reset_before(model: Any) -> list[Any]:
    """GRU nodes without ``linear_before_reset=1``."""
    return [
        node for node in model.graph.node
        if node.op_type == "GRU"
        and not any(a.name == "linear_before_reset" and a.i for a in node.attribute)
    ]  # fmt: skip


def _refuse_silent_fault(model: Any) -> None:
    if model.producer_name.lower() == "pytorch" and (nodes := _reset_before(model)):
        raise ValueError(
            f"{label(nodes[0])} says linear_before_reset=0, but every GRU of PyTorch is "
            f"reset-after: onnxscript 0.5.7 to 0.7.0 left the attribute out, so the file computes "
            f"something else than the network; export it again with a newer onnxscript, or say "
            f"--reset-after if PyTorch trained it"
        )


def _as_reset_after(model: Any) -> Any:
    """A copy with ``linear_before_reset=1`` in every GRU; None when nothing changes."""
    import copy

    from onnx import helper

    if not _reset_before(model):
        return None
    changed = copy.deepcopy(model)
    for node in _reset_before(changed):
        kept = [a for a in node.attribute if a.name != "linear_before_reset"]
        del node.attribute[:]
        node.attribute.extend([*kept, helper.make_attribute("linear_before_reset", 1)])
    return changed
