"""ONNX Runtime, or ONNX's own reference, as the source of a proof."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from thresh.importers.imported import Source

from .values import Axis, Signal

Run = Callable[[dict[str, np.ndarray]], np.ndarray]


def graph_source(
    model: Any, feeds: list[Any], inputs: Signal, output: str, end: Signal
) -> Source | None:
    """The graph itself, from inputs to ``output``; None when nothing here can run it.

    Parameters
    ----------
    model : onnx.ModelProto
    feeds : list of onnx.ValueInfoProto
        Inputs of the graph; the first one is the network's, the others are fed zeros.
    inputs, end : Signal
        Axes of the first input and of the output.
    output : str
    """
    roles = _roles(inputs.axes)
    sizes = {role: axis.size for role, axis in zip(roles, inputs.axes, strict=True)}
    runner = _runner(model, output)
    if runner is None:
        return None
    name, run = runner

    def call(x: np.ndarray) -> np.ndarray:
        lengths = {"batch": x.shape[0], "time": x.shape[1]}
        order = [("batch", "time", "feature").index(role) for role in roles if role != "one"]
        value = x[:1] if "batch" not in roles else x
        value = value.transpose(*_with_missing(order)) if value.ndim == 3 else value
        if "batch" not in roles:
            value = value[0]
        for place, role in enumerate(roles):
            value = np.expand_dims(value, place) if role == "one" else value
        arrays = {feeds[0].name: value.astype(_dtype(feeds[0]))}
        for other in feeds[1:]:
            shape = [d.dim_value or lengths["batch"] for d in other.type.tensor_type.shape.dim]
            arrays[other.name] = np.zeros(shape, _dtype(other))
        return _arrange(run(arrays), end)

    return Source(
        framework=name,
        run=call,
        batch=1 if "batch" not in roles else sizes.get("batch"),
        steps=sizes.get("time"),
    )


def _with_missing(order: list[int]) -> list[int]:
    """A permutation of three axes of which ``order`` names some."""
    return order if len(order) == 3 else [*(a for a in range(3) if a not in order), *order]


def _roles(axes: tuple[Axis, ...]) -> list[str]:
    """Roles of the axes; batch and time, in this order, where no layer gave one."""
    free = [role for role in ("batch", "time") if role not in [axis.role for axis in axes]]
    unknown = sum(not axis.role for axis in axes)
    if unknown > len(free):
        raise ValueError(f"An input or output of {len(axes)} axes has more than batch and time")
    free = free[-unknown:] if unknown else []
    return [axis.role or free.pop(0) for axis in axes]


def _arrange(value: np.ndarray, end: Signal) -> np.ndarray:
    """Outputs as (B, T, outputs), or (B, outputs) where one step is left."""
    ones = tuple(place for place, axis in enumerate(end.axes) if axis.role == "one")
    left = tuple(axis for axis in end.axes if axis.role != "one")
    value, roles = value.squeeze(ones), _roles(left)
    if "batch" not in roles:
        value, roles = value[None], ["batch", *roles]
    wanted = ("batch", "time", "feature") if end.reads == "all" else ("batch", "feature")
    return value.transpose([roles.index(role) for role in wanted])


def _dtype(info: Any) -> Any:
    from onnx import helper

    return helper.tensor_dtype_to_np_dtype(info.type.tensor_type.elem_type)


def _runner(model: Any, output: str) -> tuple[str, Run] | None:
    """ONNX Runtime where it is installed and knows every node, else ONNX's reference."""
    if find_spec("onnxruntime"):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level, options.intra_op_num_threads = 4, 1
        try:
            session = onnxruntime.InferenceSession(
                model.SerializeToString(), options, providers=["CPUExecutionProvider"]
            )
            name = f"ONNX Runtime {onnxruntime.__version__}"
            return name, lambda arrays: session.run([output], arrays)[0]
        except Exception:  # for instance layout=1, which it does not know
            pass
    import onnx
    from onnx.reference import ReferenceEvaluator

    try:
        evaluator: Any = ReferenceEvaluator(model)
    except Exception:  # for instance an RNN with relu, which it does not know
        return None
    name = f"the reference of ONNX {onnx.__version__}"
    return name, lambda arrays: evaluator.run([output], arrays)[0]
