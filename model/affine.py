"""Affine maps of single values, and layers that take them up."""

from dataclasses import dataclass, replace

import numpy as np

from .float_network import FloatLayer, linear


@dataclass(frozen=True)
class Affine:
    """``scale x + offset``, for each value by itself.

    Parameters
    ----------
    scale, offset : ndarray of float64, shape (size,) or () where all values share one
    """

    scale: np.ndarray
    offset: np.ndarray

    @classmethod
    def normalising(
        cls,
        mean: np.ndarray,
        variance: np.ndarray,
        epsilon: float,
        *,
        weight: np.ndarray | None = None,
        bias: np.ndarray | None = None,
    ) -> "Affine":
        """``weight (x - mean) / sqrt(variance + epsilon) + bias``, as batch normalisation is.

        Raises
        ------
        ValueError
            When the vectors differ in size or a deviation is no positive number.
        """
        whole = np.asarray(variance, np.float64) + epsilon
        parts = [value for value in (mean, weight, bias) if value is not None]
        if whole.ndim != 1 or any(np.shape(value) != whole.shape for value in parts):
            raise ValueError("its mean, variance, weight and bias must be vectors of one size")
        if not (np.isfinite(whole) & (whole > 0)).all():
            raise ValueError("its variances must be positive and finite")
        scale = (1.0 if weight is None else weight) / np.sqrt(whole)
        offset = (0.0 if bias is None else bias) - mean * scale
        return cls(scale, offset)

    @classmethod
    def of(cls, op: str, value: np.ndarray, name: str) -> "Affine":
        """``x op value``, as the operator ``name`` computes it.

        Parameters
        ----------
        op : str
            ``"add"``, ``"sub"``, ``"mul"`` or ``"div"``.
        value : ndarray, shape (size,) or ()
        name : str
            What people call it.

        Raises
        ------
        ValueError
            When it divides by 0.
        """
        one, zero = np.ones(()), np.zeros(())
        if op == "div":
            if not value.all():
                raise ValueError(f"{name} divides by 0")
            return cls(1 / value, zero)
        return cls(*{"add": (one, value), "sub": (one, -value), "mul": (value, zero)}[op])

    def then(self, other: "Affine") -> "Affine":
        """This map, and ``other`` of what it gives."""
        return Affine(self.scale * other.scale, self.offset * other.scale + other.offset)

    def before(self, layer: FloatLayer) -> FloatLayer:
        """The layer that computes what ``layer`` computes of mapped inputs.

        Raises
        ------
        ValueError
            When the sizes differ.
        """
        scale, offset = (self._of(value, layer.inputs, layer.name) for value in self._both)
        bias = layer.bias.copy()
        for row, pass_ in enumerate(layer.cell.passes):
            if pass_.inputs:
                bias[row] += layer.weight_x[pass_.gate] @ offset
        return replace(layer, weight_x=layer.weight_x * scale, bias=bias)

    def after(self, layer: FloatLayer) -> FloatLayer:
        """The linear layer whose outputs are those of ``layer``, mapped."""
        scale, offset = (self._of(value, layer.units, layer.name) for value in self._both)
        return linear(
            layer.weight_x[0] * scale[:, None], layer.bias[0] * scale + offset, name=layer.name
        )

    def as_layer(self, size: int, name: str) -> FloatLayer:
        """A linear layer that maps ``size`` values."""
        scale, offset = (self._of(value, size, name) for value in self._both)
        return linear(np.diag(scale), offset, name=name)

    @property
    def _both(self) -> tuple[np.ndarray, np.ndarray]:
        return self.scale, self.offset

    @staticmethod
    def _of(value: np.ndarray, size: int, name: str) -> np.ndarray:
        if value.shape not in ((), (1,), (size,)):
            raise ValueError(f"{name} has {size} values, and {value.size} are scaled before it")
        return np.broadcast_to(value, size)
