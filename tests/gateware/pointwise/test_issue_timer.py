"""Instructions follow one another after their gaps, to the cycle."""

from itertools import pairwise

import pytest
from block_bench import simulate

from thresh.gateware.pointwise.issue_timer import IssueTimer


def run(beats, gaps, *, stall=0, same=()):
    """Cycles in which instructions were launched; each follows after its gap, or a ``stall``.

    Those of ``same`` go on with another block: their gap does not count.
    """
    unit, launches = IssueTimer(beats=beats), []

    async def bench(ctx):
        ctx.set(unit.prepare, 1)
        await ctx.tick()
        ctx.set(unit.prepare, 0)
        waited, elements = 0, []
        for now in range(400):
            launch = ctx.get(unit.due) and (waited >= stall or not launches)
            waited = waited + 1 if ctx.get(unit.due) else 0
            if ctx.get(unit.running):
                elements.append(ctx.get(unit.element))
                assert ctx.get(unit.last) == (elements[-1] == beats - 1)
            ctx.set(unit.launch, launch)
            if launch:
                launches.append(now)
                waited = 0
                if len(launches) == len(gaps):
                    break
            await ctx.tick()
            if launch:
                # What follows is decoded in the cycles after the launch.
                ctx.set(unit.gap, gaps[len(launches)])
                ctx.set(unit.no_gap, len(launches) in same)
        assert elements == [n % beats for n in range(len(elements))]

    simulate(unit, bench)
    return launches


@pytest.mark.parametrize("beats", [4, 8, 16])
def test_launches_lie_beats_and_gap_apart(beats):
    gaps = [0, 0, 1, 2, 3, 0, 7, 31, 0, 1, 0]
    launches = run(beats, gaps)
    apart = [after - before for before, after in pairwise(launches)]
    assert apart == [beats + gap for gap in gaps[1:]]


def test_another_block_follows_without_its_gap():
    launches = run(8, [0, 9, 9, 9], same={1, 3})
    assert [launches[n + 1] - launches[n] for n in range(3)] == [8, 17, 8]


def test_what_is_due_stays_due():
    launches = run(4, [0, 0, 2, 0], stall=5)
    assert [launches[n + 1] - launches[n] for n in range(3)] == [9, 11, 9]
