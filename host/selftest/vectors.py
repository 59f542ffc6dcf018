"""Known vectors: a small network of every kind of layer, and what it must answer."""

import numpy as np

from thresh.layout.geometry import Geometry
from thresh.model.arithmetic import pre_format
from thresh.model.cells import CELLS
from thresh.model.layer import Layer
from thresh.model.network import Network
from thresh.sim.golden import GoldenModel

INPUTS, BESIDE = 5, 3
"""Inputs, and units beside those of a whole block."""

SHIFT = 9
"""Bits by which an accumulator is narrowed."""

STEPS = 12


def known_network(kind: str, geometry: Geometry) -> Network:
    """A layer of ``kind`` whose last block is not whole, and a linear one behind it.

    Weights and biases are random, and always the same.
    """
    random = np.random.default_rng([*kind.encode(), geometry.lanes])
    bits, weight = geometry.value_bits, 1 << (geometry.weight_bits - 1)
    frac, inputs, layers = pre_format(bits).frac + SHIFT, INPUTS, list[Layer]()
    for name, units in ((kind, geometry.lanes + BESIDE), ("linear", BESIDE)):
        cell = CELLS[name]
        hidden = units if cell.recurrent else 0
        x_frac = layers[-1].h_frac if layers else bits - 4
        layers.append(
            Layer(
                kind=name,
                weight_x=random.integers(-weight, weight, (len(cell.gates), units, inputs)),
                weight_h=random.integers(-weight, weight, (len(cell.gates), units, hidden)),
                bias=random.integers(-(1 << bits - 1), 1 << bits - 1, (len(cell.passes), units)),
                x_frac=x_frac,
                weight_x_frac=frac - x_frac,
                weight_h_frac=frac - (bits - cell.integer_bits),
                threshold_x=1 << bits - 9 if bits > 9 else 1,
                threshold_h=1 << bits - 9 if bits > 9 else 1,
                weight_bits=geometry.weight_bits,
                value_bits=bits,
            )
        )
        inputs = units
    return Network(layers=tuple(layers))


def known_inputs(network: Network) -> np.ndarray:
    """Inputs of shape (STEPS, inputs): a walk, a jump from end to end, and rest."""
    random, limit = np.random.default_rng(1), 1 << (network.layers[0].value_bits - 1)
    walk = np.cumsum(random.integers(-limit // 40, limit // 40 + 1, (STEPS, INPUTS)), axis=0)
    walk[STEPS // 2] = -limit
    walk[STEPS // 2 + 1] = limit - 1
    walk[-2:] = walk[-3]
    return walk


def answers(network: Network, x: np.ndarray) -> np.ndarray:
    """What the golden model makes of them, of shape (STEPS, outputs)."""
    return GoldenModel(network).run(x[None]).outputs[0]
