"""The divider of a device's clock, from every state that it may start in."""

from itertools import pairwise, product

import pytest
from amaranth import *
from amaranth.lib.wiring import Component, In, Out
from amaranth.sim import Simulator

from thresh.hw.clock_ring import ClockRing


class Rung(Component):
    """A ring with both edges of one clock."""

    def __init__(self, divisor):
        self.ring = ClockRing(divisor=divisor)
        super().__init__({"clear": In(1), "o": Out(1), "before": Out(1)})

    def elaborate(self, platform):
        m = Module()
        m.domains.divided = rise = ClockDomain(reset_less=True)
        m.domains.divided_fall = fall = ClockDomain(reset_less=True, clk_edge="neg")
        m.submodules.ring = ring = self.ring
        m.d.comb += [
            fall.clk.eq(rise.clk), ring.clear.eq(self.clear), self.o.eq(ring.o),
            self.before.eq(ring.before),
        ]  # fmt: skip
        return m


def levels(divisor, cycles, *, clear=0):
    """(o, before) in each cycle."""
    dut, seen = Rung(divisor), []

    async def bench(ctx):
        ctx.set(dut.clear, clear)
        for _ in range(cycles):
            *_, o, before = await ctx.tick("divided").sample(dut.o, dut.before)
            seen.append((o, before))

    simulator = Simulator(dut)
    simulator.add_clock(1e-6, domain="divided")
    simulator.add_testbench(bench)
    simulator.run()
    return seen


@pytest.mark.parametrize("divisor", [6, 8, 12])
def test_divides_with_equal_halves_and_says_when_it_will_rise(divisor):
    seen = levels(divisor, 6 * divisor)
    high = [o for o, _ in seen]
    rises = [n for n in range(1, len(high)) if high[n] and not high[n - 1]]
    assert {b - a for a, b in pairwise(rises)} == {divisor}
    assert sum(high[rises[0] : rises[0] + divisor]) == divisor // 2
    # The register behind `before` takes its bit one cycle before the clock rises.
    marks = [n for n, (_, before) in enumerate(seen) if before]
    assert [n + 2 for n in marks if n + 2 in range(rises[-1] + 1)] == rises


def step(state):
    """What follows a state of the ring."""
    first, last = state[0], state[-1]
    return (not last, *(before and (first or last) for before in state[:-1]))


@pytest.mark.parametrize("divisor", [6, 8, 12])
def test_every_state_leads_to_the_ring(divisor):
    count = divisor // 2
    legal = {tuple(k - count <= n < k for n in range(count)) for k in range(divisor)}
    for state in product((False, True), repeat=count):
        for _ in range(divisor):
            state = step(state)
        assert state in legal, state


def test_stands_still_while_it_is_cleared():
    assert {o for o, _ in levels(6, 40, clear=1)} == {0}


@pytest.mark.parametrize("divisor", [4, 7, 0])
def test_other_divisors_are_refused(divisor):
    with pytest.raises(ValueError, match=f"even number from 6 on, not {divisor}"):
        ClockRing(divisor=divisor)
