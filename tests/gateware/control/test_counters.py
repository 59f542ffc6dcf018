"""Counters: what a step costs is added up whole, however long it takes."""

import pytest
from amaranth.sim import Simulator

from thresh.gateware.control.counters import Counters
from thresh.gateware.whole_columns.sdram_source import SdramSource
from thresh.layout.link import Counter
from thresh.layout.sdram_chip import ULX3S_SDRAM


def run(step_bits, works, rests):
    """Busy, idle and step cycles after one step of ``works`` and ``rests`` cycles."""
    counters, found = Counters(count_bits=8, saturation_bits=4, step_bits=step_bits), []

    async def bench(ctx):
        ctx.set(counters.clear, 1)
        await ctx.tick()
        ctx.set(counters.clear, 0)
        await ctx.tick().repeat(40)
        ctx.set(counters.active, 1)
        for issues, cycles in ((1, works), (0, rests)):
            ctx.set(counters.issue, issues)
            await ctx.tick().repeat(cycles)
        ctx.set(counters.active, 0)
        await ctx.tick().repeat(2)
        ctx.set(counters.done, 1)
        await ctx.tick()
        ctx.set(counters.done, 0)
        await ctx.tick().until(~counters.busy)
        for place in (Counter.BUSY_CYCLES, Counter.IDLE_CYCLES, Counter.STEP_CYCLES):
            ctx.set(counters.address, place)
            await ctx.tick().repeat(2)
            found.append(ctx.get(counters.value))

    simulator = Simulator(counters)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    return found


@pytest.mark.parametrize(("works", "rests"), [(63, 1), (1, 63), (40, 30)])
def test_a_step_may_cost_all_but_one_of_what_its_width_holds(works, rests):
    assert run(6, works, rests) == [works, rests, works + rests]


def test_a_width_too_small_wraps_which_is_why_it_is_given():
    assert run(6, 70, 1)[0] == 70 % 64


def test_the_sdram_core_holds_a_step_over_its_whole_chip():
    assert 1 << SdramSource.step_bits > 2 * (1 << ULX3S_SDRAM.address_bits)
