"""One layer of a network: a frozen, validated description in integers."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .arithmetic import ACCUMULATOR_BITS, pre_format
from .layer_shape import TENSORS, LayerShape, cell_named
from .qformat import QFormat

MAX_SHIFT = 15
"""Largest right shift from an accumulator to a pre-activation."""

WEIGHT_BITS = (4, 8)
"""Weight widths in bits."""


def _integers(name: str, value: Any) -> np.ndarray:
    array = np.asarray(value)
    if not np.issubdtype(array.dtype, np.integer):
        raise ValueError(f"{name} must hold integers, not {array.dtype}")
    array = array.astype(np.int64)
    array.setflags(write=False)
    return array


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer(LayerShape):
    """One layer of G gates, H units, I inputs and K accumulators per unit.

    Parameters
    ----------
    kind : str
        A name in `thresh.model.cells.CELLS`.
    weight_x : ndarray of int, shape (G, H, I)
    weight_h : ndarray of int, shape (G, H, H); (G, H, 0) when the cell is not recurrent
    bias : ndarray of int, shape (K, H)
        In accumulator format; K follows the cell's passes.
    x_frac : int
        Fraction bits of the inputs.
    weight_x_frac, weight_h_frac : int
        Fraction bits of the weights, one pair per layer; both products must have the same.
    threshold_x, threshold_h : int
        On the grids of the inputs and of the layer's own output, 0 to ``2**(V-1) - 1``.
    weight_bits, value_bits : int
        Widths of the weights, and of inputs, deltas and state (V).

    Raises
    ------
    ValueError
        Naming the field, what was wanted and what came.
    """

    kind: str
    weight_x: np.ndarray
    weight_h: np.ndarray
    bias: np.ndarray
    x_frac: int
    weight_x_frac: int
    weight_h_frac: int
    threshold_x: int = 0
    threshold_h: int = 0
    weight_bits: int = 8
    value_bits: int = 16

    def __post_init__(self) -> None:
        cell_named(self.kind)
        if self.weight_bits not in WEIGHT_BITS:
            raise ValueError(f"weight_bits must be 4 or 8, not {self.weight_bits!r}")
        if not 8 <= self.value_bits <= 16:
            raise ValueError(f"value_bits must be 8 to 16, not {self.value_bits!r}")
        for name in TENSORS:
            object.__setattr__(self, name, _integers(name, getattr(self, name)))
        self.refuse_shapes()
        self._refuse_ranges()

    def _refuse_ranges(self) -> None:
        weights = QFormat(bits=self.weight_bits, frac=0)
        for name in ("weight_x", "weight_h"):
            array = getattr(self, name)
            if array.size and (array.min() < weights.lowest or array.max() > weights.highest):
                raise ValueError(
                    f"{name} must lie in {weights.lowest} to {weights.highest} for "
                    f"{self.weight_bits}-bit weights, not {array.min()} to {array.max()}"
                )
        for name in ("threshold_x", "threshold_h"):
            highest = (1 << (self.value_bits - 1)) - 1
            if not 0 <= getattr(self, name) <= highest:
                raise ValueError(f"{name} must be 0 to {highest}, not {getattr(self, name)!r}")
        if self.cell.recurrent and self.accumulator_frac != self.h_frac + self.weight_h_frac:
            raise ValueError(
                f"x_frac + weight_x_frac must equal h_frac + weight_h_frac, but "
                f"{self.x_frac} + {self.weight_x_frac} is not {self.h_frac} + {self.weight_h_frac}"
            )
        if not 0 <= self.shift <= MAX_SHIFT:
            lowest = pre_format(self.value_bits).frac
            raise ValueError(
                f"x_frac + weight_x_frac must be {lowest} to {lowest + MAX_SHIFT}, not "
                f"{self.accumulator_frac}"
            )
        limit = 1 << (ACCUMULATOR_BITS - 1)
        if (largest := int(self.largest_accumulator.max())) >= limit:
            raise ValueError(
                f"An accumulator could reach {largest}, which does not fit {ACCUMULATOR_BITS} "
                f"bits: use fewer columns, smaller weights or fewer fraction bits"
            )

    @property
    def h_frac(self) -> int:
        """Fraction bits of the output."""
        return self.value_bits - self.cell.integer_bits

    @property
    def accumulator_frac(self) -> int:
        """Fraction bits of M."""
        return self.x_frac + self.weight_x_frac

    @property
    def shift(self) -> int:
        """Right shift from M to the pre-activation format, in bits."""
        return self.accumulator_frac - pre_format(self.value_bits).frac

    @cached_property
    def largest_accumulator(self) -> np.ndarray:
        """Bound on ``|M|`` over all inputs, shape (K, H): ``|bias| + sum |W| max|reference|``.

        A reference is a value sent, and a value has V bits, so the bound holds at every step.
        """
        largest = np.abs(self.bias).copy()
        highest = 1 << (self.value_bits - 1)
        for row, pass_ in enumerate(self.cell.passes):
            if pass_.inputs:
                largest[row] += np.abs(self.weight_x[pass_.gate]).sum(axis=1) * highest
            if pass_.hidden:
                largest[row] += np.abs(self.weight_h[pass_.gate]).sum(axis=1) * highest
        return largest

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Layer):
            return NotImplemented
        names = self.__dataclass_fields__
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in names)
