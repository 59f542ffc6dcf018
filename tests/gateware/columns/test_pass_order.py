"""Passes follow one another in the order in which weights and biases lie."""

import pytest
from block_bench import simulate

from thresh.gateware.columns.pass_order import PassOrder
from thresh.layout.weight_layout import walk
from thresh.model.cells import CELLS


def order_of(kind, blocks, interleave, *, rest):
    """Lists of each pass in turn, up to the one after which none follows."""
    unit, seen = PassOrder(blocks=16, interleave=interleave), []

    async def run(ctx):
        ctx.set(unit.code, CELLS[kind].code)
        ctx.set(unit.blocks_minus_1, blocks - 1)
        ctx.set(unit.restart, 1)
        await ctx.tick().repeat(3)
        ctx.set(unit.restart, 0)
        await ctx.tick()
        ctx.set(unit.first, 1)
        await ctx.tick()
        ctx.set(unit.first, 0)
        await ctx.tick().repeat(2)
        while len(seen) < 200:
            now, follow = ctx.get(unit.now), ctx.get(unit.follow)
            seen.append((now.hidden, now.inputs))
            if ctx.get(unit.finishes):
                return
            ctx.set(unit.advance, 1)
            await ctx.tick()
            ctx.set(unit.advance, 0)
            assert ctx.get(unit.now) == follow
            await ctx.tick().repeat(3 + rest)

    simulate(unit, run)
    return seen


@pytest.mark.parametrize("interleave", [1, 2])
@pytest.mark.parametrize("kind", CELLS)
def test_the_order_is_that_of_the_weights(kind, interleave):
    passes = CELLS[kind].passes
    for blocks in (1, 2, 3, 4, 7):
        wanted = [passes[number] for _, number in walk(blocks, len(passes), interleave)]
        seen = order_of(kind, blocks, interleave, rest=blocks % 2)
        assert seen == [(pass_.hidden, pass_.inputs) for pass_ in wanted]
