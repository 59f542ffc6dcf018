"""Every integer an accelerator keeps, against the golden model, step by step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from thresh.layout.link import Counter, Region
from thresh.layout.memory_map import NetworkMap
from thresh.model.network import Network

from .golden import GoldenModel
from .golden_memories import numbers
from .observation import memories_of


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One row of integers.

    Parameters
    ----------
    name : str
        What people call it, and the layer it belongs to.
    unit : str
        What its numbers count: ``unit``, ``input`` or nothing.
    region : Region or None
        The memory; None for the step's answer.
    places : ndarray of int
        Which numbers of the region.
    wanted : callable
        The same integers in the golden model.
    """

    name: str
    unit: str
    region: Region | None
    places: np.ndarray
    wanted: Callable[[GoldenModel], np.ndarray]


class Comparison:
    """The golden model beside an accelerator.

    Parameters
    ----------
    network : Network
    plan : NetworkMap

    Attributes
    ----------
    integers, mismatches : int
    first_difference : str or None
    ideal, measured : list of int
        Cycles of every step: those in which the lanes work, and what the accelerator said.
    totals : ndarray of int64
        Of the sequence, as `step_totals` has them.
    """

    def __init__(self, network: Network, plan: NetworkMap) -> None:
        self.model = GoldenModel(network)
        self.plan = plan
        self.integers = self.mismatches = 0
        self.first_difference: str | None = None
        self.ideal: list[int] = []
        self.measured: list[int] = []
        self._probes = [*_answers(plan), *_memories(plan), *self._counters()]

    def new_sequence(self) -> None:
        """Begin a sequence."""
        self.model.new_sequence()
        self.totals = np.zeros(4 + len(self.plan.layers), np.int64)

    def step(self, x: np.ndarray, record: np.void, place: str) -> int:
        """Advance one step and `compare` what was seen after it."""
        self.advance(x)
        return self.compare(record, place)

    def compare(self, record: np.void, place: str) -> int:
        """Compare what was seen after a step.

        Parameters
        ----------
        record : np.void
            Of `thresh.sim.observation.record_type`.
        place : str
            Which step, for people.

        Returns
        -------
        int
            Integers that differ.
        """
        self.measured.append(int(record["cycles"]))
        memories, before = memories_of(record), self.mismatches
        flat = {region: numbers(memories, region) for region in memories}
        for probe in self._probes:
            seen = record["outputs"] if probe.region is None else flat[probe.region]
            came, wanted = seen[probe.places], probe.wanted(self.model)
            self.integers += wanted.size
            if np.array_equal(came, wanted):
                continue
            wrong = np.flatnonzero(came != wanted)
            self.mismatches += len(wrong)
            if self.first_difference is None:
                self.first_difference = _sentence(probe, wrong[0], came, wanted, place, record)
        return self.mismatches - before

    def advance(self, x: np.ndarray) -> None:
        """Advance the golden model one step with inputs of shape (I,)."""
        (totals,) = step_totals(self.model, self.plan, np.asarray(x)[None])
        self.ideal.append(int(totals[0]))
        self.totals += totals

    def _counters(self) -> Iterator[Probe]:
        layers = len(self.plan.layers)
        counters = [Counter.BUSY_CYCLES, Counter.SATURATIONS, Counter.SKIPPED_LAYERS]
        places = [*counters, *range(Counter.FIRED, Counter.FIRED + layers + 1)]
        names = [
            *(counter.name.lower().replace("_", " ") for counter in counters),
            "fired inputs",
            *(f"fired outputs of layer {number}" for number in range(layers)),
        ]
        for at, (place, name) in enumerate(zip(places, names, strict=True)):
            yield Probe(
                name=f"counter of {name}",
                unit="",
                region=Region.COUNTERS,
                places=np.array([place]),
                wanted=lambda model, at=at: self.totals[at : at + 1],
            )


def step_totals(model: GoldenModel, plan: NetworkMap, x: np.ndarray) -> np.ndarray:
    """Advance a model of batch B one step with inputs of shape (B, I): what counters add of it.

    Returns
    -------
    ndarray of int64, shape (B, 4 + layers)
        Cycles in which the lanes work, saturations, skipped layers, and events: of the inputs and
        of every layer.
    """
    sent = np.stack([np.count_nonzero(state.delta_h, axis=1) for state in model.layers], axis=1)
    model.step(x)
    fired = np.concatenate((model.fired_x[:, None], model.fired_h), axis=1)
    costs = np.array([layer.event_cycles for layer in plan.layers])
    ideal = (costs * np.stack((sent, fired[:, :-1]), axis=2)).sum(axis=(1, 2))
    skipped = model.skipped.sum(axis=1)
    return np.column_stack((ideal, model.saturations, skipped, fired))


def _answers(plan: NetworkMap) -> Iterator[Probe]:
    yield Probe(
        name="output",
        unit="unit",
        region=None,
        places=np.arange(plan.outputs),
        wanted=lambda model: model.layers[-1].h[0],
    )


def _memories(plan: NetworkMap) -> Iterator[Probe]:
    """In the order in which a step changes them, so that the first difference is the cause."""
    pointwise_lanes = plan.geometry.pointwise_lanes
    yield Probe(
        name="input reference",
        unit="input",
        region=Region.REFERENCES,
        places=np.arange(plan.inputs),
        wanted=lambda model: model.reference_x[0],
    )
    for number, layer in enumerate(plan.layers):
        first = layer.accumulator_base * pointwise_lanes
        flat = np.arange(first, first + layer.accumulators)
        for row, places in enumerate(layer.unpack_accumulators(flat)):
            yield Probe(
                name=f"layer {number}: accumulator {row}",
                unit="unit",
                region=Region.ACCUMULATORS,
                places=places,
                wanted=lambda model, n=number, row=row: model.layers[n].m[0, row],
            )
        for name in layer.cell.persistent[::-1]:
            first = getattr(layer, f"{name}_base") * pointwise_lanes
            yield Probe(
                name=f"layer {number}: state {name}",
                unit="unit",
                region=Region.STATE,
                places=np.arange(first, first + layer.units),
                wanted=lambda model, n=number, name=name: getattr(model.layers[n], name)[0],
            )
        if layer.encoded:
            yield Probe(
                name=f"layer {number}: reference",
                unit="unit",
                region=Region.REFERENCES,
                places=np.arange(layer.h_segment, layer.h_segment + layer.units),
                wanted=lambda model, n=number: model.layers[n].reference_h[0],
            )


def _sentence(
    probe: Probe, at: int, came: np.ndarray, wanted: np.ndarray, place: str, record: np.void
) -> str:
    unit = f" of {probe.unit} {at}" if probe.unit else ""
    time = f", at {int(record['time'])} ns" if record["time"] else ""
    return f"{place}, {probe.name}{unit} is {came[at]}, golden says {wanted[at]}{time}"
