"""Cycles of a step, predicted from what fires alone.

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
    encode : int
        Cycles from a word of new state to its first entry, when no others wait.
    listed : int
        Cycles from a list's last entry until it counts as complete.
    heard : int
        Cycles from a list's completion until the walker knows of it.
    room : int
        Cycles from the first entry of a block's last word until one more block may be promised.
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
    encode: int
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
        sent = [self.spread(number, layer.units) for number, layer in enumerate(self.layers)]
        return max(self.step(lists, sent) for lists in product(*choices))

    def step(self, lists: Lists, sent: Sequence[Sequence[int]] | None = None) -> int:
        """Cycles of one step by itself, from its last input to its last output.

        Parameters
        ----------
        lists : Lists
        sent : sequence per layer, optional
            Values that fire of each word of S units of the new state. When it is not given they
            are taken to lie evenly: as many as the next layer receives, or of the last layer as it
            received of its own. It decides little, and nothing where S = 1.
        """
        run = _Run(self.timing)
        for number, (layer, entries) in enumerate(zip(self.layers, lists, strict=True)):
            if entries is None:
                run.skip()
                continue
            encoded = self.encoded[number]
            counts: Sequence[int] = ()
            if encoded and sent is not None:
                counts = sent[number]
            elif encoded:
                following = lists[number + 1] if number + 1 < len(lists) else None
                counts = self.spread(number, following[1] if following else entries[0])
            run.layer(layer, *entries, counts)
        return run.complete + 2

    def spread(self, layer: int, fires: int) -> list[int]:
        """``fires`` values of a layer's units, evenly: how many in each word of S."""
        units, serial = self.layers[layer].units, self.timing.serial
        counts = [0] * -(-units // serial)
        for number in range(fires):
            counts[number * units // fires // serial] += 1
        return counts


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
        self.free = self.sent = LONG_AGO
        self.released = [LONG_AGO] * 2

    def skip(self) -> None:
        """A layer that is skipped."""
        _, known = self._choose()
        self._accept(known)
        self._advance(known)
        self._finish(self.taken + self.timing.skip)

    def layer(self, layer: Shape, hidden: int, inputs: int, sent: Sequence[int]) -> None:
        """A layer that is evaluated; ``sent`` is empty where its state is not encoded."""
        choose, known = self._choose()
        chosen = choose if hidden else known
        self._accept(chosen)
        mark = self._first_mark(chosen + 1, known, hidden, inputs)
        passes = [max(1, count) for count in _entries(layer.kind, hidden, inputs)]
        last, launched = self._program(layer, passes, mark, sent)
        self._advance(last)
        drained = launched + self.vector + self.timing.result + 2
        listed = self.sent + self.timing.listed
        self._finish(max(drained, listed) if sent else drained)
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

    @staticmethod
    def _first_mark(replay: int, known: int, hidden: int, inputs: int) -> int:
        """When the first pass could end: only it waits, between its lists, for the inputs."""
        if not hidden:
            return replay + max(1, inputs) - 1
        last = replay + hidden - 1
        if not inputs:
            return last if known < last else max(last, known) + 1
        return max(last, known) + inputs

    def _program(
        self, layer: Shape, passes: list[int], mark: int, sent: Sequence[int]
    ) -> tuple[int, int]:
        """Run the program over the blocks: the last mark, and when the last state is issued."""
        slots = self.timing.programs[layer.kind]
        closing = max((at for at, slot in enumerate(slots) if slot.late), default=-1)
        launch, free, number = 0, self.taken + self.timing.prepare, 0
        emitted = issued = 0
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
                    self._encode(launch, sent[emitted : emitted + self.vector], emitted, len(sent))
                    emitted, issued = emitted + self.vector, launch
                free = launch + self.vector
                if block == layer.blocks and at == closing:
                    break
        return mark, issued

    def _encode(self, launch: int, sent: Sequence[int], first: int, words: int) -> None:
        """A block's entries leave; ``first`` of the ``words`` of its layer came before it."""
        for word in range(self.vector):
            inside, closes = word < len(sent), word == self.vector - 1
            count = sent[word] if inside else 0
            if not count and not closes and not (inside and first + word in (0, words - 1)):
                continue
            came = launch + 1 + word + self.timing.result
            leaves = max(came + self.timing.encode, self.free)
            self.free = leaves + max(1, count)
            if inside:
                self.sent = self.free - 1
            if closes:
                self.released.append(leaves + self.timing.room)
