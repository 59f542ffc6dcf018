"""What the steps of a simulated core cost, beside the golden model's lists."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from thresh.layout.link import Counter, Region
from thresh.layout.placement import measure
from thresh.model.network import Network
from thresh.performance.activity import sent_words
from thresh.performance.cycles import CycleModel, Lists
from thresh.performance.timing import Timing
from thresh.sim.engines.compiled import CompiledCore
from thresh.sim.golden import GoldenModel

from . import edgedrnn

COUNTED = 1 + max(Counter.STEP_CYCLES, Counter.BUSY_CYCLES)
"""Counters that are read after every step."""


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What some steps cost, an array of shape (T,) each.

    Parameters
    ----------
    cycles : ndarray of int
        Of each step by itself, from its last input to its last output.
    sustained : ndarray of int
        From the last output of the step before to its own, when the inputs come as they are taken.
    ideal : ndarray of int
        Events times blocks and passes.
    predicted : ndarray of int
        What `thresh.performance.cycles` says.
    peer : ndarray of int
        EdgeDRNN's cycles on the same lists, with the same lanes.
    events : ndarray of int
        In all lists.
    """

    cycles: np.ndarray
    sustained: np.ndarray
    ideal: np.ndarray
    predicted: np.ndarray
    peer: np.ndarray
    events: np.ndarray

    @classmethod
    def join(cls, parts: Sequence["Steps"]) -> "Steps":
        """Steps of several sequences."""
        names = [field.name for field in fields(cls)]
        return cls(**{name: np.concatenate([vars(part)[name] for part in parts]) for name in names})


def run_steps(
    core: CompiledCore, timing: Timing, network: Network, x: np.ndarray, skip: int = 0
) -> Steps:
    """Run a loaded network from its beginning and say what the steps from ``skip`` on cost.

    Raises
    ------
    RuntimeError
        When the multipliers did not work on the golden model's events, or answers differ.
    """
    golden = GoldenModel(network)
    model = CycleModel(measure(network, core.geometry), timing)
    units = [layer.units for layer in network.layers]
    lanes = core.geometry.lanes
    core.new_sequence()
    seen: list[tuple[int, ...]] = []
    busy = 0
    for values in x:
        fired = _advance(golden, values)
        step: Lists = tuple(
            None if skipped else (int(own.sum()), int(received.sum()))
            for (own, received), skipped in zip(fired, golden.skipped[0], strict=True)
        )
        words = core.geometry.pointwise_lanes
        sent = [sent_words(state.delta_h[0] != 0, words) for state in golden.layers]
        core.run(values[None])
        busy += model.ideal(step)
        counters = _counters(core, busy)
        peer = edgedrnn.step_cycles([np.concatenate(pair[::-1]) for pair in fired], units, lanes)
        events = sum(sum(pair) for pair in step if pair)
        measured, predicted = int(counters[Counter.STEP_CYCLES]), model.step(step, sent)
        seen.append((measured, model.ideal(step), predicted, peer, events))
    core.new_sequence()
    sustained = core.run(x)
    _counters(core, busy)
    columns = np.array(seen[skip:]).T
    names = ("cycles", "ideal", "predicted", "peer", "events")
    return Steps(sustained=sustained[skip:], **dict(zip(names, columns, strict=True)))


def _counters(core: CompiledCore, busy: int) -> np.ndarray:
    """The counters, after the multipliers worked in ``busy`` cycles."""
    counters = core.read(Region.COUNTERS, 0, COUNTED).view("<u4").reshape(-1)
    if counters[Counter.BUSY_CYCLES] != busy:
        raise RuntimeError(f"{counters[Counter.BUSY_CYCLES]} busy cycles, golden says {busy}")
    return counters


def _advance(golden: GoldenModel, values: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """One step of the golden model: per layer, which hidden and which input values are received."""
    reference = golden.reference_x
    layers = golden.network.layers
    own = [
        state.delta_h[0, : layer.hidden] != 0
        for layer, state in zip(layers, golden.layers, strict=True)
    ]
    golden.step(values[None])
    received = [(golden.reference_x != reference)[0]]
    received += [state.delta_h[0] != 0 for state in golden.layers[:-1]]
    return list(zip(own, received, strict=True))
