"""A chain of layers as an importer reads it: affine maps and tables are taken up by layers."""

from dataclasses import dataclass, field, replace

import numpy as np

from thresh.model.affine import Affine
from thresh.model.float_network import FloatLayer, FloatNetwork, linear
from thresh.model.float_run import FUNCTIONS
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
        """The whole chain; a table, with a map and a function of it, goes into the next layer."""
        self.settle()
        layers = list(self.layers)
        if self.tokens and len(layers) > 1 and layers[0].units == layers[1].inputs:
            layers[:2] = [_of_tokens(*layers[:2])]
        return FloatNetwork(layers=tuple(layers))


def _of_tokens(table: FloatLayer, layer: FloatLayer) -> FloatLayer:
    """``layer`` of a token, whose weights are what it makes of the rows of ``table``."""
    rows, bias = table.weight_x[0], table.bias[0]
    if table.kind == "linear":
        layer = Affine(np.ones(()), bias).before(layer)
    else:  # one input is 1 and all others are 0, so a function of a row is a row
        rows = FUNCTIONS[table.kind.removeprefix("linear_")](rows + bias[:, None])
    return replace(layer, weight_x=layer.weight_x @ rows)
