"""One sequence of a million steps, and no drift: ``M == bias + W ref`` at its end, exactly.

The equation is of what the core itself keeps. A hidden delta is accumulated in the step after the
one that sent it, so that M belongs to the layer's references before its last step. Every integer is
the golden model's as well. Where the campaign was stopped, the sequence is restored from its state
and references, and goes on.
"""

import base64
import zlib
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from thresh.layout.geometry import Geometry
from thresh.layout.link import Region
from thresh.model.network import Network
from thresh.model.snapshot import Snapshot, fingerprint, read_snapshot
from thresh.sim import golden_snapshot
from thresh.sim.comparison import Comparison
from thresh.sim.golden_memories import numbers
from thresh.sim.observation import memories_of

from .bursts import RECORDS, Records, compare_bursts
from .campaign import Campaign, Counts, Failed, Opened
from .core_client import CoreClient
from .cores import RESIDENT, SPARSE, ChipCore
from .drawn import link_bench

NET = link_bench.network(4, 11, 6, kinds=("gru", "lstm"), threshold=700)
STEPS = 1_000_000
BURST, BURSTS = 250, 80
"""Steps of a burst, and bursts of a part."""
COUNTED = ("steps", "looked_at", "accumulators", "integers", "stops")
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


class Sequence:
    """The sequence that goes on from part to part; behind a stop, from what the last part kept.

    Parameters
    ----------
    made : ChipCore
    """

    def __init__(self, made: ChipCore) -> None:
        self._made = made
        self._part, self._x = 0, np.zeros(NET.inputs, np.int64)
        self._core: Any = None
        self._open = ExitStack()
        self._snapshot: Snapshot | None = None

    def _begin(self, number: int) -> None:
        """A power-up, and the sequence from its beginning or from where it was stopped."""
        if number != self._part:
            raise Failed(f"the sequence goes on with part {self._part}")
        self._core = self._open.enter_context(self._made.powered_up(number))
        self._core.load_network(NET)
        self._core.new_sequence()
        self._comparison = Comparison(NET, self._core.plan)
        self._comparison.new_sequence()
        if self._snapshot:
            CoreClient(self._core, NET).restore(self._snapshot)
            golden_snapshot.restore(self._comparison.model, self._snapshot)

    def part(self, number: int) -> Counts:
        """So many steps; the invariant is looked at after every burst."""
        begun = self._core is None
        if begun:
            self._begin(number)
        random, comparison = np.random.default_rng([3, number]), self._comparison
        before_this, counts = comparison.integers, dict.fromkeys(COUNTED, 0)
        records, x = [], []
        for burst in range(BURSTS):
            x.append(np.concatenate((self._x[None], inputs(random, BURST, self._x))))
            self._x = x[-1][-1]
            records.append(self._burst(x[-1][1:], burst))
            counts["steps"] += BURST
            counts["looked_at"] += 1
            counts["accumulators"] += sum(layer.accumulators for layer in self._core.plan.layers)
        for values in x[0][1:]:
            comparison.advance(values)
        comparison.compare(records[0][-1], "burst 0")
        compare_bursts(comparison, records, np.array(x[1:]), first=1)
        if comparison.mismatches:
            raise Failed(str(comparison.first_difference))
        counts["integers"] = comparison.integers - before_this
        counts["stops"] = int(begun and number > 0)
        self._part = number + 1
        return counts

    def _burst(self, x: np.ndarray, number: int) -> Records:
        """Run it; what the core kept after each of its last steps, of which M is looked at."""
        core = self._core
        core.run(x[:-RECORDS])
        records = []
        for at in range(len(x) - RECORDS, len(x)):
            core.run(x[at : at + 1])
            records.append(core.observe())
        if wrong := drifted(NET, core, *records[-2:]):
            raise Failed(f"{wrong} accumulators have drifted in burst {number}")
        first, second, third = records
        return first, second, third

    def state(self) -> dict[str, Any]:
        """Of the accelerator, with the inputs that it saw last."""
        snapshot = CoreClient(self._core, NET).save().to_bytes()
        return {
            "part": self._part, "x": self._x.tolist(),
            "snapshot": base64.b64encode(snapshot).decode(),
        }  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there with the next part."""
        self._part, self._x = state["part"], np.array(state["x"], np.int64)
        self._snapshot = read_snapshot(base64.b64decode(state["snapshot"]), NET)


def described(network: Network) -> str:
    """What the sequence is of: the network with its thresholds, and its inputs."""
    thresholds = [(layer.threshold_x, layer.threshold_h) for layer in network.layers]
    begin = inputs(np.random.default_rng([3, 0]), BURST, np.zeros(network.inputs, np.int64))
    return (
        f"network {fingerprint(network):08x}, thresholds {thresholds}, "
        f"{BURSTS} bursts of {BURST} steps, inputs {zlib.crc32(begin.astype('<i2').tobytes()):08x}"
    )


def opened(geometry: Geometry, folder: Path) -> Opened:
    """Ready to run."""
    core = ChipCore(geometry, folder)
    sequence = Sequence(core)
    return Opened(source=core.source + described(NET), part=sequence.part, sequence=sequence)


DRIFTS = {
    name: Campaign(about=__doc__, unit="steps", wanted=STEPS, open=partial(opened, geometry))
    for name, geometry in (("drift-resident", RESIDENT), ("drift-sparse", SPARSE))
}
