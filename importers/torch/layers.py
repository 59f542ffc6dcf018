"""PyTorch's parameters by name, as float layers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from thresh.model.affine import Affine
from thresh.model.cells import CELLS
from thresh.model.float_network import FloatLayer, linear, pass_biases

KINDS = {1: "rnn", 3: "gru", 4: "lstm"}
"""Kind of a recurrent layer by its gates: rows over columns of its recurrent weight."""

_RECURRENT = re.compile(r"(?:(.*)\.)?(weight|bias)_(ih|hh|hr)(?:_l(\d+))?(_reverse)?$")
_MEAN = "running_mean"
NORM = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
"""Tensors of a BatchNorm."""

EPSILON = 1e-5
"""Of a BatchNorm, which a state dict does not say."""

_LINEAR = re.compile(r"(?:(.*)\.)?(weight|bias)$")


@dataclass(kw_only=True)
class Part:
    """One submodule: a recurrent layer of one or more levels, a cell, or a linear layer.

    Parameters
    ----------
    name : str
        Where it is in the module.
    kind : str
        ``"gru"``, ``"lstm"``, ``"rnn"``, ``"linear"``, ``"norm"``, a BatchNorm, or ``"table"``, an
        Embedding.
    levels : list of dict
        Tensors of each level: weight_ih, weight_hh, bias_ih, bias_hh; of a linear layer weight
        and bias. Absent biases are not there.
    cell : bool
        Its tensors bear the names of ``nn.GRUCell`` and its like.
    """

    name: str
    kind: str = "linear"
    levels: list[dict[str, np.ndarray]] = field(default_factory=list)
    cell: bool = False

    @property
    def may_be_table(self) -> bool:
        """It could be an Embedding: one weight without a bias."""
        return self.kind == "linear" and set(self.levels[0]) == {"weight"}

    @property
    def is_called_table(self) -> bool:
        """Its name says that it is an Embedding."""
        return self.may_be_table and "emb" in self.name.lower()

    def as_table(self) -> "Part":
        """The same weight as an Embedding."""
        return replace(self, kind="table")

    @property
    def inputs(self) -> int:
        """Inputs of its first level; entries of a table."""
        first = self.levels[0]
        if self.kind == "norm":
            return int(first["running_mean"].shape[0])
        if self.kind == "table":
            return int(first["weight"].shape[0])
        return int(first["weight" if self.kind == "linear" else "weight_ih"].shape[1])

    @property
    def outputs(self) -> int:
        """Units of its last level."""
        last = self.levels[-1]
        if self.kind == "norm":
            return self.inputs
        if self.kind == "table":
            return int(last["weight"].shape[1])
        if self.kind == "linear":
            return int(last["weight"].shape[0])
        return int(last["weight_hh"].shape[1])


def parts_of(tensors: Mapping[str, np.ndarray]) -> list[Part]:
    """Submodules in the order in which they first appear.

    Raises
    ------
    ValueError
        Naming the first tensor that belongs to no layer that can be used, with the reason.
    """
    if not tensors:
        raise ValueError("The state dict is empty")
    parts: dict[str, Part] = {}
    norms = {name.removesuffix(_MEAN) for name in tensors if name.endswith(_MEAN)}
    for name, value in tensors.items():
        base, dot, last = name.rpartition(".")
        if base + dot in norms and last in NORM:
            part = parts.setdefault(base, Part(name=base or "norm", kind="norm"))
            part.levels = part.levels or [{}]
            part.levels[0][last] = np.asarray(value, np.float64)
        elif found := _RECURRENT.fullmatch(name):
            _refuse(name, found[3], found[5])
            part = parts.setdefault(found[1] or "rnn", Part(name=found[1] or "rnn", kind=""))
            level, part.cell = int(found[4] or 0), found[4] is None
            while len(part.levels) <= level:
                part.levels.append({})
            part.levels[level][f"{found[2]}_{found[3]}"] = np.asarray(value, np.float64)
        elif found := _LINEAR.fullmatch(name):
            part = parts.setdefault(found[1] or "linear", Part(name=found[1] or "linear"))
            part.levels = part.levels or [{}]
            part.levels[0][found[2]] = np.asarray(value, np.float64)
        else:
            raise ValueError(
                f"{name} belongs to no GRU, LSTM, RNN or Linear, and no other layers can be used"
            )
    for part in parts.values():
        _check(part)
    return list(parts.values())


def _refuse(name: str, which: str, reverse: str | None) -> None:
    if reverse:
        raise ValueError(
            f"{name} belongs to a bidirectional layer, which needs the end of a sequence before "
            f"its beginning and so cannot run as inputs arrive: train it with bidirectional=False"
        )
    if which == "hr":
        raise ValueError(
            f"{name} belongs to an LSTM with proj_size, whose projected state has no delta "
            f"accumulator: train it with proj_size=0, or with a Linear behind it"
        )


def _check(part: Part) -> None:
    if part.kind == "norm":
        normalising(part)
        return
    for level, tensors in enumerate(part.levels):
        names = ("weight",) if part.kind == "linear" else ("weight_ih", "weight_hh")
        missing = [name for name in names if name not in tensors]
        if missing:
            raise ValueError(f"{part.name} lacks {missing[0]} of its level {level}")
        for name in names:
            if tensors[name].ndim != 2:
                if tensors[name].ndim == 1 and "bias" in tensors:
                    raise ValueError(
                        f"{part.name} holds a vector as weight, as a LayerNorm does, which scales "
                        f"each step by what is in that step: train it with BatchNorm1d"
                    )
                raise ValueError(
                    f"{part.name}.{name} must have two axes as in a Linear or a recurrent layer, "
                    f"not shape {tensors[name].shape}: no other layers can be used"
                )
        if part.kind == "linear":
            continue
        rows, units = tensors["weight_hh"].shape
        kind = KINDS.get(rows // units if units and rows % units == 0 else 0)
        if kind is None or part.kind not in ("", kind):
            raise ValueError(
                f"{part.name}.weight_hh must have 1, 3 or 4 times as many rows as columns on "
                f"every level, not shape {tensors['weight_hh'].shape}"
            )
        part.kind = kind
        if ("bias_ih" in tensors) != ("bias_hh" in tensors):
            raise ValueError(f"{part.name} must have both biases or none on its level {level}")


def normalising(part: Part, epsilon: float = EPSILON) -> Affine:
    """The map of a BatchNorm by its running mean and variance.

    Raises
    ------
    ValueError
        When its tensors are no vectors of one size.
    """
    tensors = part.levels[0]
    if "running_var" not in tensors:
        raise ValueError(f"{part.name} lacks running_var")
    try:
        return Affine.normalising(
            tensors["running_mean"], tensors["running_var"], epsilon,
            weight=tensors.get("weight"), bias=tensors.get("bias"),
        )  # fmt: skip
    except ValueError as error:
        raise ValueError(f"{part.name}: {error}") from error


def make_layers(part: Part, nonlinearity: str | None) -> list[FloatLayer]:
    """The float layers of one submodule; PyTorch's gate order (r, z, n; i, f, g, o) is ours.

    Parameters
    ----------
    part : Part
    nonlinearity : str or None
        Of an RNN: tanh or relu.

    Raises
    ------
    ValueError
        When shapes disagree, or an RNN's nonlinearity is not known.
    """
    if part.kind == "linear":
        tensors = part.levels[0]
        return [linear(tensors["weight"], tensors.get("bias"), name=part.name)]
    kind = part.kind
    if kind == "rnn":
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"{part.name} is an nn.RNN, and a state dict does not say its nonlinearity: give "
                f"--nonlinearity tanh or relu"
            )
        kind = f"rnn_{nonlinearity}"
    cell, layers = CELLS[kind], []
    gates = len(cell.gates)
    for level, tensors in enumerate(part.levels):
        units = tensors["weight_hh"].shape[1]
        name = f"{part.name} level {level}" if len(part.levels) > 1 else part.name
        zero = np.zeros(gates * units)
        biases = [tensors.get("bias_ih", zero), tensors.get("bias_hh", zero)]
        for tensor, array in {**tensors, "bias_ih": biases[0], "bias_hh": biases[1]}.items():
            if array.shape[0] != gates * units:
                raise ValueError(
                    f"{name}: {tensor} must have {gates * units} rows, not shape {array.shape}"
                )
        layers.append(
            FloatLayer(
                kind=kind,
                weight_x=tensors["weight_ih"].reshape(gates, units, -1),
                weight_h=tensors["weight_hh"].reshape(gates, units, units),
                bias=pass_biases(cell, *(bias.reshape(gates, units) for bias in biases)),
                name=name,
            )
        )
    return layers
