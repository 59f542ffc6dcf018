"""`ColumnMAC`: sums of passes, one column slice a cycle, however late they are taken."""

import cocotb
import numpy as np

from thresh.model.arithmetic import ACCUMULATOR_BITS

from .bench_support import SHAPE, Block
from .script import Script, pack


class Passes:
    """A script of passes of column slices.

    Parameters
    ----------
    random : numpy.random.Generator
    gaps, stalls : bool
        Cycles without an event; a captured pass waits before it is taken.
    """

    def __init__(self, random: np.random.Generator, *, gaps: bool, stalls: bool) -> None:
        self.random, self.gaps, self.stalls = random, gaps, stalls
        self.lanes, self.pointwise_lanes = SHAPE["lanes"], SHAPE["pointwise_lanes"]
        self.script = Script(delta=0, mark=0, take=0, shift=0)
        self.now = 0
        self.free = 0
        """Cycle in which a new capture finds the one before gone."""

    def event(self, weights: np.ndarray, delta: int, *, mark: bool = False) -> None:
        """A column slice and its delta in this cycle."""
        word = pack(*((weight, SHAPE["weight_bits"]) for weight in weights))
        self.script.drive(self.now, weights=word, delta=delta)
        if mark:
            self.mark()
        self.now += 1

    def mark(self) -> None:
        """The pass ends with this cycle's event."""
        latency = SHAPE["lane_latency"]
        self.script.drive(self.now, mark=1)
        self.captured = self.now + latency
        self.script.want(self.captured - 1, full=0)
        self.script.want(self.captured, full=1)

    def add(self, weights: np.ndarray, deltas: np.ndarray, *, with_event: bool) -> None:
        """A whole pass of ``weights`` (N, lanes) and ``deltas`` (N,), and its sums."""
        latency, beats = SHAPE["lane_latency"], self.lanes // self.pointwise_lanes
        for number, (row, delta) in enumerate(zip(weights, deltas, strict=True)):
            last = with_event and number == len(deltas) - 1
            while self.gaps and self.random.random() < 0.3:
                self.now += 1
            if last:
                self.now = max(self.now, self.free - latency)
            self.event(row, int(delta), mark=last)
        if not with_event or not len(deltas):
            self.now = max(self.now, self.free - latency)
            self.mark()
            self.now += 1
        take = self.captured + (int(self.random.integers(0, 9)) if self.stalls else 0)
        self.script.want(take, full=1)
        self.script.drive(take, take=1)
        sums = (deltas[:, None] * weights).sum(axis=0).reshape(beats, self.pointwise_lanes)
        for place, row in enumerate(sums):
            self.script.drive(take + 1 + place, shift=1)
            word = pack(*((value, ACCUMULATOR_BITS) for value in row))
            self.script.want(take + 2 + place, sums=word)
        self.free = take + beats + 1


async def run(dut, passes: Passes) -> None:
    """Play the passes."""
    block = await Block.start(dut, "mac", weights=0, delta=0, mark=0, take=0, shift=0)
    await block.play(passes.script)


@cocotb.test()
@cocotb.parametrize(gaps=[False, True], stalls=[False, True])
async def every_pass_has_its_own_sum(dut, gaps, stalls) -> None:
    """Long, short and empty passes, marked with their last event or after it."""
    random = np.random.default_rng(3)
    weight, value = 1 << (SHAPE["weight_bits"] - 1), 1 << (SHAPE["value_bits"] - 1)
    passes = Passes(random, gaps=gaps, stalls=stalls)
    for count in (0, 1, 2, 5, 1, 0, 0, 30, *random.integers(0, 12, 60)):
        weights = random.integers(-weight, weight, (count, passes.lanes))
        deltas = random.integers(-value, value, count)
        passes.add(weights, deltas, with_event=bool(random.integers(2)))
    await run(dut, passes)


@cocotb.test()
async def running_sums_may_overflow(dut) -> None:
    """The largest products until the running sums have wrapped, and a small pass after them."""
    weight, value = -(1 << (SHAPE["weight_bits"] - 1)), -(1 << (SHAPE["value_bits"] - 1))
    passes = Passes(np.random.default_rng(4), gaps=False, stalls=False)
    for count in (400, 400, 400, 400, 3):
        weights = np.full((count, passes.lanes), weight)
        passes.add(weights, np.full(count, value), with_event=True)
    assert 1600 * weight * value > 1 << ACCUMULATOR_BITS
    await run(dut, passes)
