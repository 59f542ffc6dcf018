"""`ColumnMAC` as a script: passes of column slices, however late they are taken."""

from collections.abc import Iterable

import numpy as np

from thresh.model.arithmetic import ACCUMULATOR_BITS

from .script import Script, pack


class MacScript(Script):
    """Passes of column slices and their sums.

    Parameters
    ----------
    lanes, pointwise_lanes, weight_bits, captures, lead : int
        As the block's.
    latency : int
        Of its lanes.
    random : numpy.random.Generator
    gaps, stalls : bool
        Cycles without an event; a captured pass waits before it is taken.
    """

    def __init__(
        self,
        *,
        lanes: int,
        pointwise_lanes: int,
        weight_bits: int,
        latency: int,
        random: np.random.Generator,
        captures: int = 1,
        lead: int = 0,
        gaps: bool = False,
        stalls: bool = False,
    ) -> None:
        super().__init__(delta=0, mark=0, take=0, shift=0)
        self.drive(-1, weights=0)
        self.lanes, self.pointwise_lanes = lanes, pointwise_lanes
        self.weight_bits, self.latency = weight_bits, latency
        self.captures, self.lead = captures, lead
        self.beats = lanes // pointwise_lanes
        self.random, self.gaps, self.stalls = random, gaps, stalls
        self.now = 0
        self.waits: list[tuple[int, int]] = []
        """Cycles from which each pass waits, and in which it is taken."""

    def event(self, weights: np.ndarray, delta: int, *, mark: bool = False) -> None:
        """A column slice and its delta in this cycle."""
        word = pack(*((weight, self.weight_bits) for weight in weights))
        self.drive(self.now, weights=word, delta=delta)
        if mark:
            self.mark()
        self.now += 1

    def mark(self) -> None:
        """The pass ends with this cycle's event; it waits from when it can leave."""
        self.drive(self.now, mark=1)
        full = self.now + self.latency + (0 if self.captures == 1 else 1 - self.lead)
        before = any(since <= full - 1 <= taken for since, taken in self.waits)
        self.want(full - 1, full=before)
        self.want(full, full=1)
        stall = int(self.random.integers(0, 9)) if self.stalls else 0
        follows = self.waits[-1][1] + self.beats + self.lead + 1 if self.waits else 0
        self.waits.append((full, max(full + stall, follows)))

    def _await_capture(self) -> None:
        """A pass is captured when the one whose place it takes has left."""
        if len(self.waits) >= self.captures:
            _, taken = self.waits[-self.captures]
            free = taken + self.lead + self.beats + 1
            self.now = max(self.now, free - self.latency)

    def add(self, weights: np.ndarray, deltas: np.ndarray, *, with_event: bool) -> None:
        """A whole pass of ``weights`` (N, lanes) and ``deltas`` (N,), and its sums."""
        with_event = with_event and len(deltas) > 0
        for number, (row, delta) in enumerate(zip(weights, deltas, strict=True)):
            last = with_event and number == len(deltas) - 1
            while self.gaps and self.random.random() < 0.3:
                self.now += 1
            if last:
                self._await_capture()
            self.event(row, int(delta), mark=last)
        if not with_event:
            self._await_capture()
            self.mark()
            self.now += 1
        _, take = self.waits[-1]
        self.want(take, full=1)
        self.drive(take, take=1)
        shift = take + self.lead + (self.captures == 1)
        sums = (deltas[:, None] * weights).sum(axis=0).reshape(self.beats, self.pointwise_lanes)
        for beat, row in enumerate(sums):
            self.drive(shift + beat, shift=1)
            word = pack(*((value, ACCUMULATOR_BITS) for value in row))
            self.want(take + self.lead + 2 + beat, sums=word)

    def add_random(self, counts: Iterable[int], *, value_bits: int) -> Script:
        """Passes of so many events, marked with their last event or after it."""
        weight, value = 1 << (self.weight_bits - 1), 1 << (value_bits - 1)
        for count in counts:
            weights = self.random.integers(-weight, weight, (count, self.lanes))
            deltas = self.random.integers(-value, value, count)
            self.add(weights, deltas, with_event=bool(self.random.integers(2)))
        return self

    def overflow(self, *, value_bits: int) -> Script:
        """The largest products until the running sums have wrapped, and a small pass after them."""
        weight, value = -(1 << (self.weight_bits - 1)), -(1 << (value_bits - 1))
        for count in (400, 400, 400, 400, 3):
            weights = np.full((count, self.lanes), weight)
            self.add(weights, np.full(count, value), with_event=True)
        assert 1600 * weight * value > 1 << ACCUMULATOR_BITS
        return self
