"""Random float networks, and ONNX files built node by node, for the tests of the importers."""

import numpy as np

from thresh.model.cells import CELLS
from thresh.model.float_network import FloatLayer, FloatNetwork


def float_layer(kind, inputs, units, *, seed=0, scale=0.5):
    """A layer with normal weights."""
    random, cell = np.random.default_rng(seed), CELLS[kind]
    hidden = units if cell.recurrent else 0
    return FloatLayer(
        kind=kind,
        weight_x=random.normal(0, scale, (len(cell.gates), units, inputs)),
        weight_h=random.normal(0, scale, (len(cell.gates), units, hidden)),
        bias=random.normal(0, scale, (len(cell.passes), units)),
    )


def float_network(*kinds, sizes=None, seed=0):
    """A stack of layers of these kinds; ``sizes`` are the inputs and then the units."""
    sizes = sizes or [3 + (2 * place) % 5 for place in range(len(kinds) + 1)]
    return FloatNetwork(
        layers=tuple(
            float_layer(kind, *sizes[place : place + 2], seed=seed + place)
            for place, kind in enumerate(kinds)
        )
    )


def inputs(batch, steps, size, seed=5):
    """Random inputs that float32 holds too."""
    x = np.random.default_rng(seed).normal(size=(batch, steps, size))
    return x.astype(np.float32).astype(np.float64)
