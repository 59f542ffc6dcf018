"""Early and deferred instructions meet each block once, and padding never."""

import pytest
from block_bench import simulate

from thresh.gateware.pointwise.block_order import BlockOrder

H, S = 3, 9
FLAGS = ("deferred", "last", "drains", "closes")
PROGRAMS = {
    "early only": [(0, 1, 0, 0)],
    "two early": [(0, 0, 0, 0), (0, 1, 0, 0)],
    "deferred first": [(1, 0, 1, 1), (0, 1, 1, 0)],
    "deferred last": [(0, 0, 1, 0), (1, 1, 1, 1)],
    "deferred twice": [(1, 0, 1, 0), (0, 0, 1, 0), (1, 1, 1, 1)],
}
"""Instructions by their `FLAGS`."""


def run(program, blocks, interleave):
    """(instruction, h, s) of every instruction that has work, in order; of a layer of blocks."""
    unit, seen = BlockOrder(blocks=32, interleave=interleave), []

    async def bench(ctx):
        ctx.set(unit.h_block, H)
        ctx.set(unit.s_block, S)
        ctx.set(unit.blocks_minus_1, blocks - 1)
        ctx.set(unit.prepare, 1)
        await ctx.tick()
        ctx.set(unit.prepare, 0)
        ctx.set(unit.start, 1)
        await ctx.tick()
        ctx.set(unit.start, 0)
        assert not ctx.get(unit.finished)
        number, place = 0, 0
        while not ctx.get(unit.finished):
            assert len(seen) < 200
            for name, flag in zip(FLAGS, program[number], strict=True):
                ctx.set(getattr(unit, name), flag)
            ctx.set(unit.place, place)
            await ctx.tick()
            if ctx.get(unit.has_work):
                seen.append((number, ctx.get(unit.h) - H, ctx.get(unit.s) - S))
            place = (place + 1) % interleave
            if place == 0:
                ctx.set(unit.advance, 1)
                await ctx.tick()
                ctx.set(unit.advance, 0)
                number = 0 if program[number][1] else number + 1

    simulate(unit, bench)
    return seen


@pytest.mark.parametrize("interleave", [1, 2, 4])
@pytest.mark.parametrize("blocks", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("name", PROGRAMS)
def test_every_block_once_per_instruction(name, blocks, interleave):
    program = PROGRAMS[name]
    seen = run(program, blocks, interleave)
    assert all(h == s for _, h, s in seen)
    groups, wanted = -(-blocks // interleave), []
    for group in range(groups + 1):
        for number, (deferred, *_) in enumerate(program):
            worked = group - deferred
            if 0 <= worked < groups and (group < groups or deferred):
                first = worked * interleave
                block = range(first, min(first + interleave, blocks))
                wanted += [(number, n, n) for n in block]
    assert seen == wanted


def test_nothing_is_done_in_a_layer_that_is_skipped():
    unit = BlockOrder(blocks=8, interleave=1)

    async def bench(ctx):
        ctx.set(unit.prepare, 1)
        await ctx.tick()
        ctx.set(unit.prepare, 0)
        ctx.set(unit.skip, 1)
        ctx.set(unit.start, 1)
        await ctx.tick()
        assert ctx.get(unit.finished)

    simulate(unit, bench)
