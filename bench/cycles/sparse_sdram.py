"""Measure sparse columns beside dense ones: a pruned GRU, its columns in ULX3S's SDRAM.

Dense and sparse run the same network, the same inputs, on the same core in the same run; outputs
are compared with the golden model after every step, everything that is kept after the last.
*Balanced* columns have the same number of weights each, *random* ones about as many. Results:
docs/results/sparse-streamed.json.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.pages.markdown import table
from bench.results import RESULTS, ROOT, load
from thresh.model.files import write_atomically
from thresh.model.network import Network

from .activity import echoing_network
from .sdram_network import SdramBench

RESULT = RESULTS / "sparse-streamed.json"
COMMAND = "python -m bench.cycles.sparse_sdram"

LAYERS, UNITS, INPUTS = 2, 768, 128
ACTIVITY = 0.1
SPARSITIES = (0.5, 0.75, 0.875, 0.9375)
KEPT = ("cycles", "bandwidth_used", "sdram_bytes", "effective_gops", "integers_compared")


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


def measure(bench: SdramBench, sparsity: float, balanced: bool) -> dict[str, Any]:
    """Dense and sparse columns of one network."""
    network = pruned(echoing_network(UNITS, LAYERS, INPUTS), sparsity, balanced)
    dense, sparse = (bench.row(network, ACTIVITY, packs) for packs in (False, True))
    return {
        "network": network.name,
        "activity": ACTIVITY,
        "sparsity": round(zeros(network), 4),
        "pruned": "balanced" if balanced else "random",
        "clock_mhz": dense["clock_mhz"],
        "dense": {name: dense[name] for name in KEPT},
        "sparse": {name: sparse[name] for name in KEPT},
        "speedup": round(dense["cycles"] / sparse["cycles"], 3),
        "command": COMMAND,
    }


def show() -> str:
    """The result in Markdown."""
    rows = []
    for row in load(RESULT.stem) or []:
        dense, sparse = row["dense"], row["sparse"]
        rows.append([
            f"{row['sparsity']:.0%}", row["pruned"], f"{dense['cycles']:,.0f}",
            f"{sparse['cycles']:,.0f}", f"{row['speedup']:.2f} times",
            f"{sparse['bandwidth_used']:.1%}", f"{dense['sdram_bytes'] / 1e6:.2f}",
            f"{sparse['sdram_bytes'] / 1e6:.2f}", f"{sparse['integers_compared']:,}",
        ])  # fmt: skip
    head = ["zeros", "pruned", "cycles per step, dense", "sparse", "faster"]
    head += ["of the pins' bandwidth", "SDRAM, MB, dense", "sparse", "integers compared"]
    return table(head, rows)


def main() -> None:
    """Measure all, and write the result; `figures.py` shows it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "sim")
    bench = SdramBench(parser.parse_args().folder)
    rows = []
    for sparsity in SPARSITIES:
        for balanced in (True, False):
            rows.append(row := measure(bench, sparsity, balanced))
            print(
                f"{row['sparsity']:.0%} zeros, {row['pruned']}: {row['speedup']} times", flush=True
            )
    bench.simulation.close()
    text = ",\n".join(json.dumps(row) for row in rows)
    write_atomically(RESULT, f"[\n{text}\n]\n")


if __name__ == "__main__":
    main()
