"""Networks with zeros among their weights, and what dense and sparse columns of one cost."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from thresh.model.network import Network

SPARSITIES = (0.5, 0.75, 0.875, 0.9375)
"""Shares of zeros."""

PRUNED = {"balanced": True, "random": False}
"""Whether every lane's share of a column is left as many weights."""


def prune(
    weights: np.ndarray, sparsity: float, balanced: bool, seed: int, lanes: int = 1
) -> np.ndarray:
    """Weights (G, H, columns) of which about ``sparsity`` are zero in all; those of the last gate,
    by which the network echoes its inputs, are kept. ``balanced`` columns have as many in each
    lane's share."""
    random = np.random.default_rng(seed)
    gates, units, columns = weights.shape
    rows = weights[: gates - 1].reshape(-1, columns).copy()
    rows[rows == 0] = 1
    kept = (weights[-1] != 0).reshape(-1, lanes, columns).sum(axis=0)
    keep = round((1 - sparsity) * gates * units / lanes) - kept
    shares = random.random(rows.shape).reshape(-1, lanes, columns)
    if balanced:
        drops = shares.argsort(axis=0).argsort(axis=0) >= keep
    else:
        drops = shares >= keep / len(shares)
    rows[drops.reshape(rows.shape)] = 0
    return np.concatenate((rows.reshape(gates - 1, units, columns), weights[gates - 1 :]))


def pruned(network: Network, sparsity: float, balanced: bool, lanes: int = 1) -> Network:
    """The network with pruned columns."""
    layers = [
        replace(
            layer,
            weight_x=prune(layer.weight_x, sparsity, balanced, 2 * number, lanes),
            weight_h=prune(layer.weight_h, sparsity, balanced, 2 * number + 1, lanes),
        )
        for number, layer in enumerate(network.layers)
    ]
    return replace(network, layers=tuple(layers))


def zeros(network: Network) -> float:
    """Share of the weights that are zero."""
    arrays = [array for layer in network.layers for array in (layer.weight_x, layer.weight_h)]
    return 1 - sum(map(np.count_nonzero, arrays)) / sum(array.size for array in arrays)


def compare(
    network: Network, balanced: bool, run: Callable[[Network, bool], dict[str, Any]]
) -> dict[str, Any]:
    """What ``run`` says of a pruned network's columns, dense and sparse."""
    dense, sparse = (run(network, kind) for kind in (False, True))
    return {
        "sparsity": round(zeros(network), 4),
        "pruned": "balanced" if balanced else "random",
        "dense": dense,
        "sparse": sparse,
        "speedup": round(dense["cycles"] / sparse["cycles"], 3),
    }


def say(row: dict[str, Any]) -> str:
    """Such a row in some words."""
    return f"{row['sparsity']:.0%} zeros, {row['pruned']}: {row['speedup']} times"
