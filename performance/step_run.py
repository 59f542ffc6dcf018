"""One step of an accelerator, event by event: marks, captures, instructions, state, list ends."""

from collections.abc import Iterator, Sequence

from thresh.layout.geometry import Geometry
from thresh.layout.memory_map import LayerMap
from thresh.layout.program_schedule import Slot

from .timing import LONG_AGO, Timing


class StepRun:
    """One step: cycles of its events, counted from the walker's first.

    Parameters
    ----------
    geometry : Geometry
    timing : Timing

    Attributes
    ----------
    complete : int
        The last layer so far is.
    """

    def __init__(self, geometry: Geometry, timing: Timing) -> None:
        self.timing = timing
        self.beats, self.interleave = geometry.beats, geometry.interleave
        self.complete = 0
        # The walker asks for the next layer's list, and knows the length of its input list; the
        # sequencer took the last token, and can take the next.
        self.recall = self.known = self.accepted = self.idle = 0
        # When the sums of each pass were taken.
        self.takes = [LONG_AGO] * max(1, timing.captures)
        # The serializer can take a word, its last event left; when each block's last word began.
        self.free = self.sent = LONG_AGO
        self.closed = [LONG_AGO] * 2

    def skip(self) -> None:
        """A layer that is skipped."""
        _, known = self._choose()
        self._accept(known)
        self._advance(known)
        self._finish(self.accepted + self.timing.skip_latency)

    def layer(self, layer: LayerMap, hidden: int, inputs: int, sent: Sequence[int]) -> None:
        """A layer that is evaluated; ``sent`` is empty where its state is not encoded."""
        choose, known = self._choose()
        chosen = choose if hidden else known
        self._accept(chosen)
        mark = self._first_mark(chosen + 1, known, hidden, inputs)
        passes = [max(1, count) for count in layer.events_of_passes(hidden, inputs)]
        last, launched = self._program(layer, passes, mark, sent)
        self._advance(last)
        self._finish_layer(launched, sent)

    def _finish_layer(self, launched: int, sent: Sequence[int]) -> None:
        """The last state was issued; its events leave."""
        drained = launched + self.beats + self.timing.result_latency + 2
        listed = self.sent + self.timing.list_latency
        self._finish(max(drained, listed) if sent else drained)
        self.known = listed + self.timing.notice_latency

    def _choose(self) -> tuple[int, int]:
        """When the walker looks at the layer's own list, and when it knows its inputs."""
        choose = max(self.recall + self.timing.recall_cycles, self.accepted + 1)
        return choose, max(choose + 1, self.known)

    def _accept(self, chosen: int) -> None:
        """The sequencer takes the layer when it has ended the one before."""
        self.accepted = max(chosen + 1, self.idle)

    def _advance(self, last: int) -> None:
        """The walker goes on with the next layer's table."""
        self.recall = max(last + self.timing.fetch_cycles + 1, self.accepted + 1) + 1

    def _finish(self, cycle: int) -> None:
        self.complete, self.idle = cycle, cycle + 2
        self.known = cycle + self.timing.notice_latency

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
        self, layer: LayerMap, passes: list[int], mark: int, sent: Sequence[int]
    ) -> tuple[int, int]:
        """Run the program over the blocks: the last mark, and when the last state is issued."""
        launch, free, number = 0, self.accepted + self.timing.launch_latency, 0
        emitted = issued = 0
        for slot, gap, length in self._slots(layer, passes):
            launch = free + gap
            if length and slot.accumulates:
                if number:
                    mark += max(self.timing.mark_interval, length)
                mark = max(mark, self._credit(length))
                launch = max(launch, mark + self.timing.capture_latency)
                self.takes.append(launch)
                number += 1
            if length and slot.emits:
                launch = max(launch, self.closed[-2])
                self._encode(launch, sent[emitted : emitted + self.beats], emitted, len(sent))
                emitted, issued = emitted + self.beats, launch
            free = launch + self.beats
        return mark, issued

    def _credit(self, length: int) -> int:
        """When a pass of ``length`` may be marked: without captures its first event waits."""
        captures = self.timing.captures
        before = 0 if captures else length - 1
        return self.takes[-max(1, captures)] + self.timing.credit_latency + before

    def _slots(self, layer: LayerMap, passes: list[int]) -> Iterator[tuple[Slot, int, int]]:
        """Instructions as they are issued: slot, cycles to wait, and the length of its pass.

        The length is 0 where there is no block to work on, and 1 where there is no pass.
        """
        slots, interleave = self.timing.programs[layer.kind], self.interleave
        closing = max((at for at, slot in enumerate(slots) if slot.deferred), default=-1)
        for first in range(0, layer.blocks + interleave * (closing >= 0), interleave):
            draining, lengths = first >= layer.blocks, iter(passes)
            for at, slot in enumerate(slots):
                length = next(lengths) if slot.accumulates else 1
                for block in range(first, first + interleave):
                    works = 0 <= block - interleave * slot.deferred < layer.blocks
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
            came = launch + 1 + word + self.timing.result_latency
            leaves = max(came + self.timing.encode_latency, self.free)
            self.free = leaves + max(1, count)
            if inside:
                self.sent = self.free - 1
            if closes:
                self.closed.append(leaves + self.timing.block_latency)
