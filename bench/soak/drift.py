"""One sequence of a million steps, and no drift: ``M == bias + W ref`` at its end, exactly.

The equation is of what the core itself keeps. A hidden delta is accumulated in the step after the
one that sent it, so that M belongs to the layer's references before its last step. Every integer is
the golden model's as well.
"""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from thresh.layout.geometry import Geometry
from thresh.layout.link import Region
from thresh.model.network import Network
from thresh.sim.comparison import Comparison
from thresh.sim.golden_memories import numbers
from thresh.sim.observation import memories_of

from .campaign import Campaign, Counts, Failed, Opened
from .cores import RESIDENT, SPARSE, ChipCore
from .drawn import link_bench

NET = link_bench.network(4, 11, 6, kinds=("gru", "lstm"), threshold=700)
STEPS = 1_000_000
BURST = 10_000
MODULUS = 1 << 32


def inputs(random: np.random.Generator, steps: int, last: np.ndarray) -> np.ndarray:
    """A walk that rests, jumps from end to end, and goes on from ``last``."""
    stride = np.where(random.random((steps, 1)) < 0.4, 0, 900)
    x = last + np.cumsum(random.integers(-1, 2, (steps, NET.inputs)) * stride, axis=0)
    x = (x + 32768) % 65536 - 32768
    jumps = random.random((steps, NET.inputs)) < 0.002
    x[jumps] = random.choice([-32768, 32767], int(jumps.sum()))
    return x


def references(record: np.void, core: Any) -> tuple[np.ndarray, list[np.ndarray]]:
    """Of the inputs, and of every layer that is encoded."""
    flat = numbers(memories_of(record), Region.REFERENCES).astype(np.int64)
    layers = core.plan.layers
    return flat[: NET.inputs], [flat[one.h_segment : one.h_segment + one.units] for one in layers]


def drifted(network: Network, core: Any, before: np.void, after: np.void) -> int:
    """Accumulators that are not what the references say."""
    (_, hidden), (x, sent), wrong = references(before, core), references(after, core), 0
    flat = numbers(memories_of(after), Region.ACCUMULATORS).astype(np.int64)
    for layer, place, own, outputs in zip(
        network.layers, core.plan.layers, hidden, sent, strict=True
    ):
        first = place.accumulator_base * core.geometry.pointwise_lanes
        m = place.unpack_accumulators(flat[first : first + place.accumulators])
        for row, pass_ in enumerate(layer.cell.passes):
            wanted = layer.bias[row].copy()
            if pass_.inputs:
                wanted += layer.weight_x[pass_.gate] @ x
            if pass_.hidden:
                wanted += layer.weight_h[pass_.gate] @ own
            wrong += int(np.count_nonzero((m[row] - wanted) % MODULUS))
        x = outputs
    return wrong


def part(made: ChipCore, steps: int, number: int) -> Counts:
    """A sequence; the invariant is looked at after every burst."""
    random, x = np.random.default_rng([3, number]), np.zeros(NET.inputs, np.int64)
    counts: Counts = {"steps": 0, "looked_at": 0, "accumulators": 0, "integers": 0}
    with made.powered_up(number) as core:
        core.load_network(NET)
        core.new_sequence()
        comparison = Comparison(NET, core.plan)
        comparison.new_sequence()
        while counts["steps"] < steps:
            values = inputs(random, BURST, x)
            x = values[-1]
            core.run(values[:-1])
            before = core.observe()
            core.run(values[-1:])
            after = core.observe()
            if wrong := drifted(NET, core, before, after):
                raise Failed(f"{wrong} accumulators have drifted after {counts['steps']} steps")
            for one in values:
                comparison.advance(one)
            if comparison.compare(after, f"step {counts['steps'] + BURST - 1}"):
                raise Failed(str(comparison.first_difference))
            counts["steps"] += BURST
            counts["looked_at"] += 1
            counts["accumulators"] += sum(layer.accumulators for layer in core.plan.layers)
    counts["integers"] = comparison.integers
    return counts


def opened(geometry: Geometry, folder: Path) -> Opened:
    """Ready to run."""
    core = ChipCore(geometry, folder)
    return Opened(source=core.source, part=partial(part, core, STEPS))


DRIFTS = {
    name: Campaign(about=__doc__, unit="steps", wanted=STEPS, open=partial(opened, geometry))
    for name, geometry in (("drift-resident", RESIDENT), ("drift-sparse", SPARSE))
}
