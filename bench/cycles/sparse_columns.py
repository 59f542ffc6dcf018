"""Measure sparse columns beside dense ones, both on the chip: the same pruned GRU, the same inputs.

Dense and sparse cores of as many lanes run compiled, one after the other, and every integer is
compared with the golden model after every step. *Balanced* columns leave every lane as many
weights, *random* ones about as many.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bench.measurement import Measurement
from thresh.gateware.verilog import core_verilog
from thresh.hw.families import FAMILIES
from thresh.layout.geometry import Geometry
from thresh.layout.image import build_image
from thresh.layout.memories import read_map
from thresh.model.network import Network
from thresh.sim.comparison import Comparison
from thresh.sim.runner import ENGINES

from .activity import changing_inputs, echoing_network, warm_up
from .pruning import PRUNED, SPARSITIES, compare, pruned, say
from .utilisation import plain_memory

SHAPES = ((1, 128), (1, 256), (2, 256), (1, 384))
"""Layers and units."""
ACTIVITY = 0.1
STEPS = 24

GEOMETRY = Geometry(
    lanes=16, pointwise_lanes=4, weight_depth=65536, accumulator_depth=1024,
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
        network, read_map(image.table, image.header, geometry)
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


def measure(case: tuple[int, int, float, bool], folder: Path) -> Iterator[dict[str, Any]]:
    """The row of a shape and a share of zeros."""
    layers, units, sparsity, balanced = case
    network = pruned(echoing_network(units, layers), sparsity, balanced, GEOMETRY.lanes)
    yield {
        "network": network.name,
        "lanes": GEOMETRY.lanes,
        "pointwise_lanes": GEOMETRY.pointwise_lanes,
        "activity": ACTIVITY,
    } | compare(network, balanced, lambda network, sparse: run(network, sparse, folder))


MEASUREMENT = Measurement(
    about=__doc__,
    module="bench.cycles.sparse_columns",
    result="sparse-columns",
    cases={
        f"{layers}x{units}-{sparsity:g}-{name}": (layers, units, sparsity, balanced)
        for layers, units in SHAPES
        for sparsity in SPARSITIES
        for name, balanced in PRUNED.items()
    },
    measure=measure,
    say=say,
)

if __name__ == "__main__":
    MEASUREMENT.run()
