"""Measure sparse columns beside dense ones, both on the chip: the same pruned GRU, the same inputs.

Dense and sparse cores of as many lanes run compiled, one after the other, and every integer is
compared with the golden model after every step. *Balanced* columns leave every lane as many
weights, *random* ones about as many. Results: docs/results/sparse-columns.json.
"""

import argparse
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bench.pages.markdown import table
from bench.results import RESULTS, ROOT, load
from thresh.gateware.verilog import core_verilog
from thresh.hw.families import FAMILIES
from thresh.layout.geometry import Geometry
from thresh.layout.image import build_image
from thresh.layout.memories import read_map
from thresh.model.files import write_atomically
from thresh.model.network import Network
from thresh.sim.comparison import Comparison
from thresh.sim.runner import ENGINES

from .activity import changing_inputs, echoing_network, warm_up
from .sparse_sdram import SPARSITIES, pruned, zeros
from .utilisation import plain_memory

RESULT = RESULTS / "sparse-columns.json"
COMMAND = "python -m bench.cycles.sparse_columns"

LANES, SERIAL = 16, 4
SHAPES = ((1, 128), (1, 256), (2, 256), (1, 384))
"""Layers and units."""
ACTIVITY = 0.1
STEPS = 24

GEOMETRY = Geometry(
    lanes=LANES, pointwise_lanes=SERIAL, weight_depth=65536, accumulator_depth=1024,
    state_depth=1024, value_depth=2048, packet_bytes=4096,
)  # fmt: skip
"""The deepest weight memory there is."""


@cache
def verilog(geometry: Geometry) -> str:
    """The core of ECP5, whose latencies a plain memory keeps."""
    primitives = FAMILIES["ecp5"].primitives
    primitives = replace(primitives, column_memory=plain_memory(primitives.column_memory))
    return core_verilog(geometry=geometry, primitives=primitives)


def run(network: Network, sparse: bool, folder: Path) -> dict[str, Any]:
    """Cycles of a step, words of the weight memory, and integers that agreed."""
    geometry = replace(GEOMETRY, sparse=sparse)
    image = build_image(network, geometry)
    comparison = Comparison(
        network, read_map(image.table, image.header, geometry), geometry.pointwise_lanes
    )  # fmt: skip
    warm = warm_up(network)
    x = changing_inputs(network, ACTIVITY, warm + STEPS)
    records = ENGINES["compiled"](image, [x], lambda _: verilog(geometry), folder, False)
    comparison.new_sequence()
    for number, values in enumerate(x):
        comparison.step(values, next(records), f"step {number}")
    if comparison.mismatches:
        raise RuntimeError(comparison.first_difference)
    return {
        "cycles": round(float(np.mean(comparison.measured[warm:])), 1),
        "weight_words": image.placement.weight_words,
        "integers_compared": comparison.integers,
    }


def measure(folder: Path) -> list[dict[str, Any]]:
    """All rows, as they are measured."""
    rows = []
    for layers, units in SHAPES:
        for sparsity in SPARSITIES:
            for balanced in (True, False):
                network = pruned(echoing_network(units, layers), sparsity, balanced, LANES)
                dense, sparse = (run(network, packs, folder) for packs in (False, True))
                row = {
                    "network": network.name, "lanes": LANES, "pointwise_lanes": SERIAL,
                    "activity": ACTIVITY, "sparsity": round(zeros(network), 4),
                    "pruned": "balanced" if balanced else "random", "dense": dense,
                    "sparse": sparse, "speedup": round(dense["cycles"] / sparse["cycles"], 3),
                    "command": COMMAND,
                }  # fmt: skip
                rows.append(row)
                print(
                    f"{row['network']}, {row['sparsity']:.0%} zeros, {row['pruned']}: "
                    f"{row['speedup']} times",
                    flush=True,
                )
    return rows


def show() -> str:
    """The result in Markdown."""
    rows = []
    for row in load(RESULT.stem) or []:
        dense, sparse = row["dense"], row["sparse"]
        rows.append([
            row["network"], f"{row['sparsity']:.0%}", row["pruned"], f"{dense['cycles']:,.0f}",
            f"{sparse['cycles']:,.0f}", f"{row['speedup']:.2f} times",
            f"{dense['weight_words'] * row['lanes'] / 1024:,.0f}",
            f"{sparse['weight_words'] * row['lanes'] / 1024:,.0f}",
            f"{dense['integers_compared'] + sparse['integers_compared']:,}",
        ])  # fmt: skip
    head = ["network", "zeros", "pruned", "cycles per step, dense", "sparse", "faster"]
    return table([*head, "weights, KiB, dense", "sparse", "integers compared"], rows)


def main() -> None:
    """Measure all, and write the result; `figures.py` shows it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "sim")
    rows = measure(parser.parse_args().folder)
    text = ",\n".join(json.dumps(row) for row in rows)
    write_atomically(RESULT, f"[\n{text}\n]\n")


if __name__ == "__main__":
    main()
