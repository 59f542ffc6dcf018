"""Cycles of a step where columns are sparse: events meet whole columns, one after another."""

from collections.abc import Sequence
from dataclasses import replace

from thresh.layout.geometry import Geometry
from thresh.layout.memory_map import LayerMap

from .step_run import StepRun
from .timing import LONG_AGO, Timing


class SparseRun(StepRun):
    """One step; beside the `StepRun`'s, ``reader``: the memory has gone along all columns so far.

    A layer's sums come all at once, so that no pass waits for another.
    """

    def __init__(self, geometry: Geometry, timing: Timing) -> None:
        assert timing.columns is not None
        self.columns = timing.columns
        super().__init__(geometry, replace(timing, mark_interval=1, credit_latency=LONG_AGO))
        self.reader = LONG_AGO

    def layer(self, layer: LayerMap, hidden: int, inputs: int, sent: Sequence[int]) -> None:
        choose, known = self._choose()
        chosen = choose if hidden else known
        self._accept(chosen)
        walker = self._read(chosen + 1, hidden, layer)
        if hidden:
            walker = max(walker, known) + 1
        mark = self._read(walker, inputs, layer) + 1
        end = max(mark + self.columns.end_latency, self.reader)
        self.reader = end + 1
        passes = [1] * len(layer.cell.passes)
        first = end + self.columns.sums_latency - self.timing.capture_latency
        _, launched = self._program(layer, passes, first, sent)
        self._advance(mark)
        self._finish_layer(launched, sent)

    def _read(self, walker: int, events: int, layer: LayerMap) -> int:
        """Events at the walker from a cycle on; when it is through with them."""
        for _ in range(events):
            begins = max(walker + self.columns.column_latency, self.reader)
            self.reader = begins + layer.column_words + layer.column_rest
            walker += self.columns.event_interval
        return walker
