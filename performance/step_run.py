"""One step of an accelerator, event by event: marks, captures, instructions, state, list ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from thresh.model.cells import CELLS

from .timing import LONG_AGO, Slot, Timing


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What of a layer decides its cycles."""

    kind: str
    units: int
    inputs: int
    hidden: int
    blocks: int
    column_words: int = 0
    column_rest: int = 0


def events_of_passes(kind: str, hidden: int, inputs: int) -> list[int]:
    """Events of each pass."""
    return [hidden * pass_.hidden + inputs * pass_.inputs for pass_ in CELLS[kind].passes]


class StepRun:
    """One step: cycles of its events, counted from the walker's first.

    ``recall``: the walker asks for the next layer's list; ``idle``: the sequencer takes the next
    token; ``heard``: the walker knows the next layer's inputs; ``takes``: when each pass's sums
    left;
    ``fetched``: a word left the serialiser's queue last; ``released``: when each block did.
    """

    def __init__(self, timing: Timing) -> None:
        self.timing = timing
        self.beats = timing.beats
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
        passes = [max(1, count) for count in events_of_passes(layer.kind, hidden, inputs)]
        last, launched = self._program(layer, passes, mark, sent)
        self._advance(last)
        self._finish_layer(launched, sent)

    def _finish_layer(self, launched: int, sent: Sequence[int]) -> None:
        """The last state was issued; its events leave."""
        drained = launched + self.beats + self.timing.result + 2
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
                self._encode(launch, sent[emitted : emitted + self.beats], emitted, len(sent))
                emitted, issued = emitted + self.beats, launch
            free = launch + self.beats
        return mark, issued

    def _slots(self, layer: Shape, passes: list[int]) -> Iterator[tuple[Slot, int, int]]:
        """Instructions as they are issued: slot, cycles to wait, and the length of its pass.

        The length is 0 where there is no block to work on, and 1 where there is no pass.
        """
        slots, interleave = self.timing.programs[layer.kind], self.timing.interleave
        closing = max((at for at, slot in enumerate(slots) if slot.late), default=-1)
        for first in range(0, layer.blocks + interleave * (closing >= 0), interleave):
            draining, lengths = first >= layer.blocks, iter(passes)
            for at, slot in enumerate(slots):
                length = next(lengths) if slot.accumulates else 1
                for block in range(first, first + interleave):
                    works = 0 <= block - interleave * slot.late < layer.blocks
                    gap = slot.gap if block == first and (first or at) else 0
                    yield slot, gap, length * works
                if draining and at == closing:
                    return

    def _encode(self, launch: int, sent: Sequence[int], first: int, words: int) -> None:
        """A block's events leave; ``first`` of the ``words`` of its layer came before it."""
        for word in range(self.beats):
            inside, closes = word < len(sent), word == self.beats - 1
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
