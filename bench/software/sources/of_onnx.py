"""ONNX: what PyTorch's two exporters write at every opset, and graphs made node by node."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .case import Case
from .of_torch import module

NEW, OLD = "ONNX of torch.export", "ONNX of TorchScript"
NEW_OPSETS, OLD_OPSETS = range(18, 25), (11, 13, 17, 20)


def exported(*names: str, opset: int, new: bool = True) -> Callable[[Path], Path]:
    """Writes what one of PyTorch's exporters makes of a chain of layers."""

    def make(folder: Path) -> Path:
        import torch

        logging.getLogger("torch.onnx").setLevel(logging.CRITICAL)
        torch.onnx.export(
            module(*names), (torch.zeros(2, 9, 3),), folder / "net.onnx", opset_version=opset,
            dynamo=new, verbose=False,
        )  # fmt: skip
        return folder / "net.onnx"

    return make


def graph(build: Callable[[Any], list[Any]], *, dtype: type = np.float32) -> Callable[[Path], Any]:
    """A model of nodes from X, (time, batch, 3), to Y; weights of a GRU, and `M`, are there."""

    def make(folder: Path) -> Any:
        from onnx import helper, numpy_helper

        random = np.random.default_rng(1)
        arrays = {
            "W": random.normal(0, 0.5, (1, 12, 3)), "R": random.normal(0, 0.5, (1, 12, 4)),
            "B": random.normal(0, 0.5, (1, 24)), "M": random.normal(0, 0.5, (4, 2)),
            "S": np.ones(4),
        }  # fmt: skip
        weights = [numpy_helper.from_array(a.astype(dtype), name) for name, a in arrays.items()]
        weights.append(numpy_helper.from_array(np.array([1], np.int64), "one"))
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        made = helper.make_graph(
            build(helper), "g", [helper.make_tensor_value_info("X", kind, ("T", "N", 3))],
            [helper.make_tensor_value_info("Y", kind, None)], weights,
        )  # fmt: skip
        opsets = [helper.make_opsetid("", 22), helper.make_opsetid("own", 1)]
        model = helper.make_model(made, opset_imports=opsets, ir_version=10)
        opset = helper.make_opsetid("", 22)
        model.functions.append(helper.make_function(
            "own", "Dense", ["x", "m"], ["z"], [helper.make_node("MatMul", ["x", "m"], ["z"])],
            [opset],
        ))  # fmt: skip
        return model

    return make


def gru(helper: Any, target: str = "h") -> list[Any]:
    """A GRU of X."""
    return [
        helper.make_node(
            "GRU", ["X", "W", "R", "B"], ["all"], hidden_size=4, linear_before_reset=1
        ),
        helper.make_node("Squeeze", ["all", "one"], [target]),
    ]


def after(op: str, *more: str, domain: str = "", **attributes: Any) -> Callable[[Any], list[Any]]:
    """A GRU and one node behind it."""
    return lambda helper: [
        *gru(helper),
        helper.make_node(op, ["h", *more], ["Y"], domain=domain, name=op.lower(), **attributes),
    ]


def cases() -> list[Case]:
    """Every network in ONNX."""
    new, old = ("torch", "onnx", "onnxscript"), ("torch", "onnx")
    found = [
        Case(source=f"{NEW}, opset {opset}", what="GRU, Linear", needs=new,
             make=exported("gru", "out", opset=opset)) for opset in NEW_OPSETS
    ]  # fmt: skip
    for opset in (NEW_OPSETS[0], NEW_OPSETS[-1]):
        for what, names in (
            ("LSTM, Linear", ("lstm", "out")), ("RNN, Linear", ("rnn", "out")),
            ("GRU, BatchNorm1d, Linear", ("gru", "norm", "out")),
            ("GRU, LayerNorm, Linear", ("gru", "layer_norm", "out")),
        ):  # fmt: skip
            found.append(Case(source=f"{NEW}, opset {opset}", what=what, needs=new,
                              make=exported(*names, opset=opset)))  # fmt: skip
    found += [
        Case(source=f"{OLD}, opset {opset}", what="GRU, Linear", needs=old,
             make=exported("gru", "out", opset=opset, new=False)) for opset in OLD_OPSETS
    ]  # fmt: skip
    found += [
        Case(source=f"{OLD}, opset {OLD_OPSETS[-1]}", what=what, needs=old,
             make=exported(*names, opset=OLD_OPSETS[-1], new=False))
        for what, names in (
            ("LSTM, Linear", ("lstm", "out")), ("RNN, Linear", ("rnn", "out")),
            ("GRU, BatchNorm1d, Linear", ("gru", "norm", "out")),
        )
    ]  # fmt: skip
    by_hand: dict[str, Callable[[Path], Any]] = {
        "GRU, MatMul": graph(after("MatMul", "M")),
        "GRU, a function of the file": graph(after("Dense", "M", domain="own")),
        "GRU, MatMul in float16": graph(after("MatMul", "M"), dtype=np.float16),
        "GRU, MatMul in double": graph(after("MatMul", "M"), dtype=np.float64),
        "GRU, Softmax": graph(after("Softmax")),
        "GRU, LayerNormalization": graph(after("LayerNormalization", "S")),
        "GRU, Gelu": graph(after("Gelu")),
        "GRU, QuantizeLinear": graph(after("QuantizeLinear", "S")),
        "Scan": graph(after("Scan", num_scan_inputs=1)),
        "Loop": graph(after("Loop")),
        "If": graph(after("If")),
    }
    return found + [
        Case(source="ONNX made by hand", what=what, make=make, needs=("onnx",))
        for what, make in by_hand.items()
    ]
