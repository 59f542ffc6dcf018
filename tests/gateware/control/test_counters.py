"""Counters: what a step costs is added up whole, however long it takes."""

import numpy as np
import pytest
from amaranth.lib.memory import Memory
from block_bench import simulate

from thresh.gateware.control import counters
from thresh.gateware.control.counters import Counters
from thresh.gateware.whole_columns.sdram_source import SdramSource
from thresh.layout.link import COUNTER_FULL, COUNTER_WORDS, Counter
from thresh.layout.sdram_chip import ULX3S_SDRAM

LISTS = 4
"""The inputs' list and those of three layers."""


class Sequence:
    """Drives counters through steps, and counts beside them.

    Parameters
    ----------
    ctx : simulation context
    counters : Counters
    """

    def __init__(self, ctx, counters):
        self.ctx, self.counters = ctx, counters
        self.wanted = np.zeros(COUNTER_WORDS, np.int64)

    async def clear(self):
        self.ctx.set(self.counters.clear, 1)
        await self.ctx.tick()
        self.ctx.set(self.counters.clear, 0)
        await self.settle()
        self.wanted[:] = 0

    async def settle(self):
        """Until nothing is left to be added."""
        await self.ctx.tick().repeat(2)
        await self.ctx.tick().until(~self.counters.busy)

    async def pulse(self, **values):
        for name, value in values.items():
            self.ctx.set(getattr(self.counters, name), value)
        await self.ctx.tick()
        for name in values:
            self.ctx.set(getattr(self.counters, name), 0)

    async def cycles(self, issued, stalled):
        """So many cycles of a step."""
        self.ctx.set(self.counters.active, 1)
        for issue, cycles in ((1, issued), (0, stalled)):
            self.ctx.set(self.counters.issue, issue)
            for _ in range(cycles):
                await self.ctx.tick()
        self.ctx.set(self.counters.active, 0)
        self.wanted[Counter.BUSY_CYCLES] += issued
        self.wanted[Counter.IDLE_CYCLES] += stalled
        self.wanted[Counter.STEP_CYCLES] = issued + stalled

    async def list_done(self, number, events):
        """A list is complete; its length holds for the time it takes to be added."""
        if number:
            self.ctx.set(self.counters.h_segment, number)
            self.ctx.set(self.counters.h_count, events)
            await self.pulse(h_done=1)
        else:
            self.ctx.set(self.counters.x_count, events)
            await self.pulse(x_done=1)
        await self.ctx.tick().repeat(9)
        self.wanted[Counter.FIRED + number] += events

    async def saturate(self, values):
        await self.pulse(saturated=values)
        self.wanted[Counter.SATURATIONS] += values

    async def skip(self):
        await self.pulse(skip=1)
        self.wanted[Counter.SKIPPED_LAYERS] += 1

    async def done(self):
        await self.ctx.tick().repeat(2)
        await self.pulse(done=1)

    async def read(self):
        await self.settle()
        found = []
        for place in range(COUNTER_WORDS):
            self.ctx.set(self.counters.address, place)
            await self.ctx.tick().repeat(2)
            found.append(self.ctx.get(self.counters.value))
        return found


def run(drive, *, step_bits=20):
    """Words found and wanted after ``drive``, an ``async def (sequence)``."""
    unit = Counters(count_bits=8, saturation_bits=4, step_bits=step_bits)
    results = []

    async def bench(ctx):
        sequence = Sequence(ctx, unit)
        await sequence.clear()
        await drive(sequence)
        results.extend((await sequence.read(), sequence.wanted.tolist()))

    simulate(unit, bench)
    return results


@pytest.mark.parametrize("seed", range(3))
def test_everything_is_counted_over_several_steps(seed):
    random = np.random.default_rng(seed)

    async def drive(sequence):
        for _ in range(4):
            for number in random.permutation(LISTS):
                await sequence.list_done(int(number), int(random.integers(0, 200)))
                await sequence.saturate(int(random.integers(0, 16)))
            if random.random() < 0.7:
                await sequence.skip()
            await sequence.cycles(int(random.integers(0, 50)), int(random.integers(1, 50)))
            await sequence.done()
            await sequence.settle()

    found, wanted = run(drive)
    assert found == wanted
    assert min(wanted[Counter.FIRED : Counter.FIRED + LISTS]) > 0


def test_what_comes_while_amounts_are_added_is_not_lost():
    async def drive(sequence):
        await sequence.cycles(20, 3)
        await sequence.done()
        # The next step begins at once, and saturates while the one before is added up.
        for values in range(16):
            await sequence.saturate(values)
            await sequence.cycles(1, 0)
        await sequence.settle()
        await sequence.cycles(0, 2)
        await sequence.done()
        await sequence.settle()
        sequence.wanted[Counter.STEP_CYCLES] = 16 + 2

    found, wanted = run(drive)
    assert found == wanted


def test_a_new_sequence_begins_from_zero():
    async def drive(sequence):
        await sequence.list_done(0, 9)
        await sequence.saturate(5)
        await sequence.skip()
        await sequence.cycles(7, 8)
        await sequence.done()
        await sequence.clear()
        await sequence.saturate(2)
        await sequence.cycles(3, 4)
        await sequence.done()

    found, wanted = run(drive)
    assert found == wanted
    assert sum(wanted) == 2 + 3 + 4 + 7


@pytest.mark.parametrize(("issued", "stalled"), [(63, 1), (1, 63), (40, 30)])
def test_a_step_may_cost_all_but_one_of_what_its_width_holds(issued, stalled):
    async def drive(sequence):
        await sequence.cycles(issued, stalled)
        await sequence.done()

    found, wanted = run(drive, step_bits=6)
    assert found == wanted


def test_a_width_too_small_wraps_which_is_why_it_is_given():
    async def drive(sequence):
        await sequence.cycles(70, 1)
        await sequence.done()

    found, _ = run(drive, step_bits=6)
    assert found[Counter.BUSY_CYCLES] == 70 % 64


def test_the_sdram_core_holds_a_step_over_its_whole_chip():
    assert 1 << SdramSource.step_bits > 2 * (1 << ULX3S_SDRAM.address_bits)


def test_a_counter_that_is_full_stays_and_never_wraps(monkeypatch):
    """Its word is set just below, as no simulation would reach."""
    made, before = [], COUNTER_FULL - 5

    def keep(**shape):
        made.append(Memory(**shape))
        return made[-1]

    monkeypatch.setattr(counters, "Memory", keep)
    unit = Counters(count_bits=8, saturation_bits=4, step_bits=26)
    found = []

    async def bench(ctx):
        sequence = Sequence(ctx, unit)
        await sequence.clear()
        ctx.set(made[0].data[Counter.BUSY_CYCLES], before)
        for _ in range(3):
            await sequence.cycles(9, 2)
            await sequence.done()
            found.append(await sequence.read())

    simulate(unit, bench)
    assert [words[Counter.BUSY_CYCLES] for words in found] == [before + 9] * 3
    assert [words[Counter.IDLE_CYCLES] for words in found] == [2, 4, 6]
    assert {words[Counter.STEP_CYCLES] for words in found} == {11}


def test_a_step_that_could_carry_a_full_counter_past_its_end_is_refused():
    with pytest.raises(ValueError, match="A step's amounts must leave a counter room, not 27 bits"):
        Counters(count_bits=8, saturation_bits=4, step_bits=27)
