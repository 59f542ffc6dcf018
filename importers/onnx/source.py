"""ONNX Runtime and ONNX's own reference as the sources of a proof."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np

from thresh.importers.imported import Source

from .states import State
from .values import Axis, Signal

Run = Callable[[dict[str, np.ndarray]], list[np.ndarray]]

PRECISIONS = {10: 2.0**-10, 16: 2.0**-7}
"""Spacing of numbers at 1 by ONNX's type, where it is coarser than that of float32."""


def graph_sources(
    model: Any, feeds: list[Any], inputs: Signal, output: str, end: Signal,
    states: tuple[State, ...],
) -> tuple[Source, ...]:  # fmt: skip
    """The graph itself, from inputs to ``output``, by everything here that can run it.

    Parameters
    ----------
    model : onnx.ModelProto
    feeds : list of onnx.ValueInfoProto
        Inputs of the graph; the first one is the network's, the others are fed zeros.
    inputs, end : Signal
        Axes of the first input and of the output.
    output : str
    states : tuple of State
        Inputs that a graph of one step is given back.
    """
    roles = _roles(inputs.axes)
    sizes = {role: axis.size for role, axis in zip(roles, inputs.axes, strict=True)}
    one_step = sizes.get("time", 1) == 1
    fed = states if one_step else ()
    names = [output, *(state.output for state in fed)]

    def first(x: np.ndarray) -> np.ndarray:
        order = [("batch", "time", "feature").index(role) for role in roles if role != "one"]
        value = x[:1] if "batch" not in roles else x
        value = value.transpose(*_with_missing(order)) if value.ndim == 3 else value
        if "batch" not in roles:
            value = value[0]
        if "time" not in roles:
            value = value.squeeze(0 if "batch" not in roles else 1)
        for place, role in enumerate(roles):
            value = np.expand_dims(value, place) if role == "one" else value
        return value.astype(_dtype(feeds[0]))

    def calls(run: Run, x: np.ndarray) -> Iterator[np.ndarray]:
        arrays = {}
        for other in feeds[1:]:
            shape = [d.dim_value or x.shape[0] for d in other.type.tensor_type.shape.dim]
            arrays[other.name] = np.zeros(shape, _dtype(other))
        for part in np.split(x, x.shape[1], axis=1) if fed else [x]:
            results = run(arrays | {feeds[0].name: first(part)})
            yield _arrange(results[0], end)
            for state, value in zip(fed, results[1:], strict=True):
                arrays[state.input] = value.reshape(arrays[state.input].shape)

    def whole(run: Run) -> Callable[[np.ndarray], np.ndarray]:
        def call(x: np.ndarray) -> np.ndarray:
            parts = list(calls(run, x))
            if not fed:
                return parts[0]
            return np.stack([part[:, 0] if part.ndim == 3 else part for part in parts], axis=1)

        return call

    return tuple(
        Source(
            framework=name,
            run=whole(run),
            batch=1 if "batch" not in roles else sizes.get("batch"),
            steps=1 if "time" not in roles else sizes.get("time"),
            precision=_precision(model),
            feeds_back=bool(fed),
        )
        for name, run in _runners(model, names)
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
    if "feature" not in roles:
        value, roles = value[..., None], [*roles, "feature"]
    if "batch" not in roles:
        value, roles = value[None], ["batch", *roles]
    wanted = ("batch", "time", "feature") if end.reads == "all" else ("batch", "feature")
    return value.transpose([roles.index(role) for role in wanted])


def _dtype(info: Any) -> Any:
    from onnx import helper

    return helper.tensor_dtype_to_np_dtype(info.type.tensor_type.elem_type)


def _precision(model: Any) -> float:
    """The coarsest type of what the graph computes with."""
    types = [tensor.data_type for tensor in model.graph.initializer]
    types += [value.type.tensor_type.elem_type for value in model.graph.input]
    return max((PRECISIONS.get(one, 0.0) for one in types), default=0.0)


def _runners(model: Any, outputs: list[str]) -> Iterator[tuple[str, Run]]:
    """ONNX Runtime where it is installed and knows every node, and ONNX's reference."""
    if find_spec("onnxruntime"):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level, options.intra_op_num_threads = 4, 1
        try:
            session = onnxruntime.InferenceSession(
                model.SerializeToString(), options, providers=["CPUExecutionProvider"]
            )
            name = f"ONNX Runtime {onnxruntime.__version__}"
            yield name, lambda arrays: session.run(outputs, arrays)
        except Exception:  # for instance layout=1, which it does not know
            pass
    import onnx
    from onnx.reference import ReferenceEvaluator

    try:
        evaluator: Any = ReferenceEvaluator(model)
    except Exception:  # for instance an RNN with relu, which it does not know
        return
    name = f"the reference of ONNX {onnx.__version__}"
    yield name, lambda arrays: evaluator.run(outputs, arrays)
