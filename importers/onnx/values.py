"""What a tensor of an ONNX graph means to the importer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from thresh.model.affine import Affine
from thresh.model.float_network import FloatLayer


class Axis:
    """One axis of a signal, the same object wherever the signal goes.

    Parameters
    ----------
    size : int or None
        Where it is fixed.
    role : str
        ``"time"``, ``"batch"``, ``"feature"``, ``"one"`` for an axis of size 1 that means nothing,
        or empty until a layer gives it a role.
    parts : tuple of Axis
        Axes that were merged into it; its role is ``"merged"`` then.
    """

    def __init__(
        self, size: int | None = None, role: str = "", parts: tuple[Axis, ...] = ()
    ) -> None:
        self.size, self.role, self.parts = size, role, parts

    def bind(self, role: str, where: str) -> None:
        """Give the axis a role.

        Raises
        ------
        ValueError
            When it has another one already.
        """
        if self.role in ("", "one"):
            self.role = role
        elif self.role != role:
            raise ValueError(
                f"{where} takes as {role} the axis that was the {self.role} before: its layout or "
                f"a transposition is not that of a chain"
            )


@dataclass(frozen=True)
class Constant:
    """A known array."""

    array: np.ndarray


@dataclass(frozen=True)
class Fill:
    """An array of one value, of whatever shape: initial states of a dynamic batch."""

    value: float


@dataclass(frozen=True)
class Dims:
    """A vector, or a scalar, of sizes; an axis stands for a size that is not known."""

    entries: tuple[int | Axis, ...]
    scalar: bool = False


@dataclass(frozen=True)
class Signal:
    """The inputs after some layers.

    Parameters
    ----------
    layers : tuple of FloatLayer
    axes : tuple of Axis
    reads : str
        ``"all"`` steps are there, or only the ``"last"`` one or their ``"mean"``.
    final : str
        ``"softmax"`` or ``"logsoftmax"`` when one has been applied.
    pending : Affine or None
        A map that the next layer takes up.
    """

    layers: tuple[FloatLayer, ...]
    axes: tuple[Axis, ...]
    reads: str = "all"
    final: str = ""
    pending: Affine | None = None

    def with_layer(self, layer: FloatLayer, **changes: Any) -> Signal:
        """The signal after another layer, which takes up what is pending."""
        if self.pending is not None:
            layer = self.pending.before(layer)
        return replace(self, layers=(*self.layers, layer), pending=None, **changes)

    def mapped(self, affine: Affine) -> Signal:
        """The signal after an affine map, taken up by the linear layer before it if there is one.

        ``W x + b`` is the same behind the mean or the last of all steps.
        """
        if self.pending is None and self.layers and self.layers[-1].kind == "linear":
            return replace(self, layers=(*self.layers[:-1], affine.after(self.layers[-1])))
        pending = affine if self.pending is None else self.pending.then(affine)
        return replace(self, pending=pending)

    def settled(self) -> Signal:
        """The signal with a layer for a map that no layer follows."""
        if self.pending is None or not self.layers:
            return self
        last = self.layers[-1]
        made = self.pending.as_layer(last.units, f"{last.name} scaled")
        return replace(self, layers=(*self.layers, made), pending=None)

    def then(self, **changes: Any) -> Signal:
        """The signal with other fields."""
        return replace(self, **changes)

    def place(self, axis: int, where: str) -> int:
        """``axis`` counted from the front.

        Raises
        ------
        ValueError
            When there is no such axis.
        """
        if not -len(self.axes) <= axis < len(self.axes):
            raise ValueError(f"{where}: there is no axis {axis} among {len(self.axes)}")
        return axis % len(self.axes)


@dataclass(frozen=True)
class Stack:
    """Signals joined along an axis where each has size 1: the last states of several layers."""

    parts: tuple[Signal, ...]
    place: int


Value = Constant | Fill | Dims | Signal | Stack


@dataclass(frozen=True)
class Operation:
    """A node with its inputs' meanings.

    Parameters
    ----------
    op : str
    name : str
        What people call it: type and name.
    inputs : tuple of Value or None
        None where an optional input is absent.
    attributes : dict
    outputs : tuple of str
        Names; empty where an output is not used.
    """

    op: str
    name: str
    inputs: tuple[Value | None, ...]
    attributes: dict[str, Any] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()

    def input(self, place: int) -> Value | None:
        """An input, None when it is absent."""
        return self.inputs[place] if place < len(self.inputs) else None

    def signal(self, place: int = 0) -> Signal:
        """An input that must be the network's signal."""
        value = self.input(place)
        if not isinstance(value, Signal):
            raise ValueError(f"{self.name}: input {place} must come from the network's inputs")
        return value

    def constant(self, place: int, label: str) -> np.ndarray | None:
        """An input that must be constant, None when it is absent."""
        value = self.input(place)
        if value is None:
            return None
        if not isinstance(value, Constant):
            raise ValueError(
                f"{self.name}: {label} must be a constant of the file, not computed from inputs "
                f"or from shapes that are not fixed"
            )
        return value.array

    def integers(self, place: int, attribute: str) -> list[int] | None:
        """Integers that newer files give as an input and older ones as an attribute."""
        array = self.constant(place, attribute)
        if array is not None:
            return [int(value) for value in array.reshape(-1)]
        given = self.attributes.get(attribute)
        return None if given is None else [int(value) for value in given]
