"""What layers of integers and of real numbers have in common: a cell, and tensors of its shape."""

import numpy as np

from .cells import CELLS, Cell

MAX_UNITS = 4096
"""Units in one layer, and inputs of a network."""

TENSORS = ("weight_x", "weight_h", "bias")


def cell_named(kind: str) -> Cell:
    """The cell of that kind.

    Raises
    ------
    ValueError
        With the kinds that there are.
    """
    if kind not in CELLS:
        known = ", ".join(CELLS)
        raise ValueError(f"A layer's kind is one of {known}; {kind!r} is not supported")
    return CELLS[kind]


class LayerShape:
    """The sizes of a layer of G gates, H units, I inputs and K accumulators per unit.

    Attributes
    ----------
    kind : str
        A name in `thresh.model.cells.CELLS`.
    weight_x : ndarray, shape (G, H, I)
    weight_h : ndarray, shape (G, H, H); (G, H, 0) when the cell is not recurrent
    bias : ndarray, shape (K, H)
    """

    kind: str
    weight_x: np.ndarray
    weight_h: np.ndarray
    bias: np.ndarray

    def refuse_shapes(self, label: str = "") -> None:
        """Refuse tensors whose shapes are not the cell's; ``label`` begins every sentence.

        Raises
        ------
        ValueError
            Naming the tensor, what was wanted and what came.
        """
        if self.weight_x.ndim != 3 or 0 in self.weight_x.shape:
            raise ValueError(
                f"{label}weight_x must have shape (gates, units, inputs), none of them 0, not "
                f"{self.weight_x.shape}"
            )
        units, inputs, gates = self.units, self.inputs, len(self.cell.gates)
        wanted = {
            "weight_x": (gates, units, inputs),
            "weight_h": (gates, units, units if self.cell.recurrent else 0),
            "bias": (len(self.cell.passes), units),
        }
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise ValueError(
                    f"{label}{name} of a {self.kind} layer with {units} units and {inputs} inputs "
                    f"must have shape {shape}, not {getattr(self, name).shape}"
                )
        if max(units, inputs) > MAX_UNITS:
            raise ValueError(
                f"{label}A layer has at most {MAX_UNITS} units and inputs, not {units} and {inputs}"
            )

    @property
    def cell(self) -> Cell:
        """The layer's kind as data."""
        return CELLS[self.kind]

    @property
    def units(self) -> int:
        """H."""
        return int(self.weight_x.shape[1])

    @property
    def inputs(self) -> int:
        """I."""
        return int(self.weight_x.shape[2])

    @property
    def hidden(self) -> int:
        """Hidden columns: H, or 0 when the cell is not recurrent."""
        return int(self.weight_h.shape[2])
