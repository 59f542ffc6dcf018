"""Cycles of a step, predicted from the lengths of its lists alone.

The prediction follows the accelerator's pipeline event by event: marks of passes, captures,
instructions, state words and list ends. A step run by itself costs exactly what it says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from .cells import CELLS
from .network import Network

Lists = Sequence[tuple[int, int] | None]
"""Entries of a step: per layer, of its hidden list and of its input list; None where the layer
has settled and receives nothing, so that it is skipped."""

LONG_AGO = -(1 << 30)
"""A cycle before every other."""


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One instruction of a program in the order of issue.

    Parameters
    ----------
    accumulates, emits : bool
        It takes a pass's sums; its results are new state.
    late : bool
        It works on the block before.
    gap : int
        Cycles it waits after the end of the slot before it.
    """

    accumulates: bool
    emits: bool
    late: bool
    gap: int


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Latencies of an accelerator.

    Parameters
    ----------
    lanes, serial : int
    captures : int
        Passes that may have ended without having been taken, 1 or 2.
    travel : int
        Cycles from a pass's last entry at the walker until its sums can be taken.
    hold : int
        Cycles from there until one more pass may end.
    apart : int
        Least cycles between the ends of two passes.
    result : int
        Cycles from an element's issue to its new state.
    fetch, recall : int
        Cycles in which the walker reads a layer's table, and its hidden list's length.
    prepare, skip : int
        Cycles from a layer's token to its first instruction, and until it counts as skipped.
    listed : int
        Cycles from a layer's last value at the encoder until its list counts as complete.
    heard : int
        Cycles from a list's completion until the walker knows of it.
    room : int
        Cycles from the leaving of a block's last word until one more block may be promised.
    programs : dict
        Slots of every kind of layer.
    """

    lanes: int
    serial: int
    captures: int
    travel: int
    hold: int
    apart: int
    result: int
    fetch: int
    recall: int
    prepare: int
    skip: int
    listed: int
    heard: int
    room: int
    programs: Mapping[str, tuple[Slot, ...]]

    @property
    def vector(self) -> int:
        """Cycles of one instruction of one block."""
        return self.lanes // self.serial


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What of a layer decides its cycles."""

    kind: str
    units: int
    inputs: int
    hidden: int
    blocks: int


class CycleModel:
    """Cycles of the steps of one network on one accelerator.

    Parameters
    ----------
    network : Network
    timing : Timing
    """

    def __init__(self, network: Network, timing: Timing) -> None:
        self.timing = timing
        self.layers = [
            Shape(
                kind=layer.kind,
                units=layer.units,
                inputs=layer.inputs,
                hidden=layer.hidden,
                blocks=-(-layer.units // timing.lanes),
            )
            for layer in network.layers
        ]
        self.encoded = network.encoded

    def ideal(self, lists: Lists) -> int:
        """Cycles that the lanes alone need: entries times blocks and passes."""
        return sum(
            layer.blocks * sum(_entries(layer.kind, *entries))
            for layer, entries in zip(self.layers, lists, strict=True)
            if entries
        )

    def worst(self) -> int:
        """The most cycles that a step can cost.

        More entries cost no less, but for the first: a layer without hidden entries begins a cycle
        later. So a step in which everything fires is beaten, if at all, by one without them.
        """
        choices = [{(layer.hidden, layer.inputs), (0, layer.inputs)} for layer in self.layers]
        return max(self.step(lists) for lists in product(*choices))

    def step(self, lists: Lists) -> int:
        """Cycles of one step by itself, from its last input to its last output."""
        run = _Run(self.timing)
        for layer, entries, encoded in zip(self.layers, lists, self.encoded, strict=True):
            if entries is None:
                run.skip()
            else:
                run.layer(layer, *entries, encoded)
        return run.complete + 2


def _entries(kind: str, hidden: int, inputs: int) -> list[int]:
    """Entries of each pass."""
    return [hidden * sweep.hidden + inputs * sweep.inputs for sweep in CELLS[kind].passes]


class _Run:
    """One step: cycles of its events, counted from the walker's first.

    ``recall``: the walker asks for the next layer's list; ``idle``: the sequencer takes the next
    token; ``heard``: the walker knows the next layer's inputs; ``takes``: when each pass's sums
    left;
    ``fetched``: a word left the serialiser's queue last; ``released``: when each block did.
    """

    def __init__(self, timing: Timing) -> None:
        self.timing = timing
        self.vector = timing.vector
        self.recall = self.idle = self.heard = self.taken = self.complete = 0
        self.takes = [LONG_AGO] * 2
        self._empty()

    def skip(self) -> None:
        """A layer that is skipped."""
        _, known = self._choose()
        self._accept(known)
        self._advance(known)
        self._finish(self.taken + self.timing.skip)

    def layer(self, layer: Shape, hidden: int, inputs: int, encoded: bool) -> None:
        """A layer that is evaluated."""
        choose, known = self._choose()
        chosen = choose if hidden else known
        self._accept(chosen)
        mark = self._first_mark(chosen + 1, known, hidden, inputs)
        passes = [max(1, count) for count in _entries(layer.kind, hidden, inputs)]
        if encoded:
            self._empty()
        last, launched = self._program(layer, passes, mark)
        self._advance(last)
        drained = launched + self.vector + self.timing.result + 2
        listed = self._last_value(layer, launched) + self.timing.listed
        self._finish(max(drained, listed) if encoded else drained)
        self.heard = listed + self.timing.heard

    def _choose(self) -> tuple[int, int]:
        """When the walker looks at the layer's own list, and when it knows its inputs."""
        choose = max(self.recall + self.timing.recall, self.taken + 1)
        return choose, max(choose + 1, self.heard)

    def _accept(self, chosen: int) -> None:
        """The sequencer takes the layer when it has ended the one before."""
        self.taken = max(chosen + 1, self.idle)

    def _advance(self, last: int) -> None:
        """The walker goes on with the next layer's table."""
        self.recall = max(last + self.timing.fetch + 1, self.taken + 1) + 1

    def _finish(self, cycle: int) -> None:
        self.complete, self.idle = cycle, cycle + 2
        self.heard = cycle + self.timing.heard

    def _empty(self) -> None:
        """The serialiser drops what padding of the layer before has not left yet."""
        self.fetched = LONG_AGO
        self.released = [LONG_AGO] * 2
        self.words = [LONG_AGO] * self.vector

    @staticmethod
    def _first_mark(replay: int, known: int, hidden: int, inputs: int) -> int:
        """When the first pass could end: only it waits, between its lists, for the inputs."""
        if not hidden:
            return replay + max(1, inputs) - 1
        last = replay + hidden - 1
        if not inputs:
            return last if known < last else max(last, known) + 1
        return max(last, known) + inputs

    def _program(self, layer: Shape, passes: list[int], mark: int) -> tuple[int, int]:
        """Run the program over the blocks: the last mark, and when the last state is issued."""
        slots = self.timing.programs[layer.kind]
        closing = max((at for at, slot in enumerate(slots) if slot.late), default=-1)
        launch, free, number = 0, self.taken + self.timing.prepare, 0
        for block in range(layer.blocks + (closing >= 0)):
            for at, slot in enumerate(slots):
                works = block > 0 if slot.late else block < layer.blocks
                launch = free if block == at == 0 else free + slot.gap
                if works and slot.accumulates:
                    if number:
                        mark += max(self.timing.apart, passes[number % len(passes)])
                    mark = max(mark, self.takes[-self.timing.captures] + self.timing.hold)
                    launch = max(launch, mark + self.timing.travel)
                    self.takes.append(launch)
                    number += 1
                if works and slot.emits:
                    launch = max(launch, self.released[-2])
                    self._serialise(launch)
                    emitted = launch
                free = launch + self.vector
                if block == layer.blocks and at == closing:
                    break
        return mark, emitted

    def _serialise(self, launch: int) -> None:
        """A block of state words leaves the serialiser, each S values in as many cycles."""
        serial = self.timing.serial
        if serial == 1:
            return
        for word in range(self.vector):
            written = launch + 1 + word + self.timing.result
            self.fetched = max(written + 1, self.fetched + serial + 1)
            self.words[word] = self.fetched
        self.released.append(self.fetched + self.timing.room)

    def _last_value(self, layer: Shape, launched: int) -> int:
        """When the layer's last value, which padding may follow, is at the encoder."""
        unit = (layer.units - 1) % self.timing.lanes
        serial = self.timing.serial
        if serial == 1:
            return launched + 1 + self.timing.result + unit
        return self.words[unit // serial] + 2 + unit % serial
