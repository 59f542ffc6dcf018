"""A chain of layers as an importer reads it: affine maps and tables are taken up by layers."""

from dataclasses import dataclass, field

import numpy as np

from thresh.model.affine import Affine
from thresh.model.float_network import FloatLayer, FloatNetwork, linear
from thresh.model.layer_shape import MAX_UNITS


@dataclass
class Chain:
    """Layers from first to last, and a map that the next one takes up.

    Attributes
    ----------
    layers : list of FloatLayer
    notes : list of str
    pending : Affine or None
        Of the inputs, or of what the last layer gives.
    tokens : int
        Entries of the table with which the chain begins; 0 where it takes numbers.
    """

    layers: list[FloatLayer] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pending: Affine | None = None
    tokens: int = 0
    mapped: str = ""

    def add(self, layer: FloatLayer) -> None:
        """Another layer."""
        if self.pending is not None:
            layer = self.pending.before(layer)
            self.pending = None
        self.layers.append(layer)

    def map(self, affine: Affine, name: str) -> None:
        """Another affine map."""
        self.notes.append(f"{name} is taken up by the weights of the layer beside it")
        if self.pending is None and self.layers and self.layers[-1].kind == "linear":
            self.layers[-1] = affine.after(self.layers[-1])
            return
        self.pending = affine if self.pending is None else self.pending.then(affine)
        self.mapped = name

    def settle(self) -> None:
        """Give a map that no layer follows a layer of its own."""
        if self.pending is not None and self.layers:
            size = self.layers[-1].units
            self.layers.append(self.pending.as_layer(size, self.mapped))
            self.notes.append(f"{self.mapped} takes a linear layer of its own with {size}² weights")
            self.pending = None

    def table(self, rows: np.ndarray, name: str) -> None:
        """A lookup of ``rows``, shape (entries, size), before the first layer.

        Raises
        ------
        ValueError
            When something stands before it, or it has more entries than a network has inputs.
        """
        if self.layers or self.pending is not None:
            raise ValueError(f"{name} is an Embedding that does not stand first: nothing feeds it")
        if rows.ndim != 2 or not 1 <= len(rows) <= MAX_UNITS:
            raise ValueError(
                f"{name} is an Embedding of {len(rows)} entries, and a network has at most "
                f"{MAX_UNITS} inputs: feed its rows as inputs and import the layers behind it"
            )
        self.tokens = len(rows)
        self.notes.append(
            f"{name} is a table of {len(rows)} entries: an input is 1 for the token and 0 "
            f"otherwise, so a step has two events"
        )
        self.layers.append(linear(rows.T, None, name=name))

    def network(self) -> FloatNetwork:
        """The whole chain; a table is taken up by the first layer."""
        self.settle()
        layers = list(self.layers)
        if self.tokens and len(layers) > 1:
            first, second = layers[0], layers[1]
            joined = second.weight_x @ first.weight_x[0]
            layers[:2] = [_with_inputs(second, joined)]
        return FloatNetwork(layers=tuple(layers))


def _with_inputs(layer: FloatLayer, weight_x: np.ndarray) -> FloatLayer:
    return FloatLayer(
        kind=layer.kind, weight_x=weight_x, weight_h=layer.weight_h, bias=layer.bias,
        name=layer.name,
    )  # fmt: skip
