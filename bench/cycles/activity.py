"""Networks that fire as often as they are told to, and the inputs that make them."""

import numpy as np

from thresh.model.network import Layer, Network

INPUTS = 64
"""Inputs of every network."""

LOUD = 1 << 28
"""A bias that saturates its gate whatever the random weights add."""


def echoing_network(
    units: int,
    layers: int,
    inputs: int = INPUTS,
    seed: int = 1,
    *,
    weight_bits: int = 8,
    value_bits: int = 16,
) -> Network:
    """GRU layers whose units repeat the sign of an input, each a number of steps later.

    Unit ``i`` of the first layer follows input ``i`` at once for ``i < inputs``; any other unit
    follows unit ``i - inputs``, one step later. A unit of a later layer follows the same unit of
    the layer before at once. So when every input changes sign with probability a, every unit
    fires with probability a too, from ``units / inputs`` steps on, whatever the other weights:
    r and u are saturated at one and zero, and their weights are random.
    """
    random = np.random.default_rng(seed)
    stack = []
    echo = 120 * (1 << weight_bits) // 256
    # Sums of both lists have as many fraction bits.
    x_frac, state_frac, weight_frac = value_bits - 4, value_bits - 2, (weight_bits - 4) // 2
    threshold = 1000 * (1 << value_bits) // (1 << 16)
    for number in range(layers):
        columns = inputs if number == 0 else units
        weight_x = random.integers(-7, 8, (3, units, columns))
        weight_h = random.integers(-7, 8, (3, units, units))
        weight_x[2] = weight_h[2] = 0
        followers = np.arange(units)
        near = followers < columns
        weight_x[2, followers[near], followers[near]] = echo
        weight_h[2, followers[~near], followers[~near] - columns] = echo
        bias = np.zeros((4, units), np.int64)
        bias[0], bias[2] = LOUD, -LOUD
        stack.append(
            Layer(
                kind="gru", weight_x=weight_x, weight_h=weight_h, bias=bias,
                x_frac=x_frac if number == 0 else state_frac,
                weight_x_frac=weight_frac + 2 * (number == 0), weight_h_frac=weight_frac,
                threshold_x=threshold, threshold_h=threshold,
                weight_bits=weight_bits, value_bits=value_bits,
            )
        )  # fmt: skip
    return Network(layers=tuple(stack), name=f"{layers}x{units}")


def changing_inputs(network: Network, activity: float, steps: int, seed: int = 1) -> np.ndarray:
    """Inputs that each change sign with probability ``activity`` in every step.

    Returns
    -------
    ndarray of int64, shape (steps, I)
    """
    random = np.random.default_rng(seed)
    shape = (steps, network.inputs)
    flips = random.random(shape) < activity
    signs = np.where(np.cumsum(flips, axis=0) % 2, -1, 1)
    return signs * (1 << network.layers[0].x_frac)


def warm_up(network: Network) -> int:
    """Steps after which every unit repeats an input."""
    return -(-network.layers[0].units // network.inputs) + 2
