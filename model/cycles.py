"""Cycles of a step, predicted from what fires alone.

The prediction follows the accelerator's pipeline event by event: marks of passes, captures,
instructions, state words and list ends. A step run by itself costs exactly what it says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from .cells import CELLS
from .network import Network
from .timing import LONG_AGO, Slot, Timing

Lists = Sequence[tuple[int, int] | None]
"""Entries of a step: per layer, of its hidden list and of its input list; None where the layer
has settled and receives nothing, so that it is skipped."""


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
        self.takes = [LONG_AGO] * timing.captures
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
        launch, free, number = 0, self.taken + self.timing.prepare, 0
        emitted = issued = 0
        for slot, gap, length in self._slots(layer, passes):
            launch = free + gap
            if length and slot.accumulates:
                if number:
                    mark += max(self.timing.apart, length)
                mark = max(mark, self.takes[-self.timing.captures] + self.timing.hold)
                launch = max(launch, mark + self.timing.travel)
                self.takes.append(launch)
                number += 1
            if length and slot.emits:
                launch = max(launch, self.released[-2])
                self._encode(launch, sent[emitted : emitted + self.vector], emitted, len(sent))
                emitted, issued = emitted + self.vector, launch
            free = launch + self.vector
        return mark, issued

    def _slots(self, layer: Shape, passes: list[int]) -> Iterator[tuple[Slot, int, int]]:
        """Instructions as they are issued: slot, cycles to wait, and the length of its pass.

        The length is 0 where there is no block to work on, and 1 where there is no pass.
        """
        slots, group = self.timing.programs[layer.kind], self.timing.group
        closing = max((at for at, slot in enumerate(slots) if slot.late), default=-1)
        for first in range(0, layer.blocks + group * (closing >= 0), group):
            draining, lengths = first >= layer.blocks, iter(passes)
            for at, slot in enumerate(slots):
                length = next(lengths) if slot.accumulates else 1
                for block in range(first, first + group):
                    works = 0 <= block - group * slot.late < layer.blocks
                    gap = slot.gap if block == first and (first or at) else 0
                    yield slot, gap, length * works
                if draining and at == closing:
                    return

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
