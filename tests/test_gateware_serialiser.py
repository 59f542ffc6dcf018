"""Blocks of values leave one by one, numbered, without their padding."""

import numpy as np
import pytest
from block_bench import simulate

from thresh.gateware.serialiser import Serialiser

DEPTH = 64


def run(lanes, serial, layers, *, stalls=False):
    """Items (address, index, value, first, last) of layers of (units, segment, values)."""
    vector = lanes // serial
    unit = Serialiser(value_bits=12, depth=DEPTH, serial=serial, vector=vector)
    items, random = [], np.random.default_rng(3)

    async def feed(ctx):
        for number, (units, segment, values) in enumerate(layers):
            ctx.set(unit.begin, 1)
            ctx.set(unit.units_minus_1, units - 1)
            ctx.set(unit.segment, segment)
            await ctx.tick()
            ctx.set(unit.begin, 0)
            padded = np.append(values, [77] * (-units % lanes)).reshape(-1, vector, serial)
            for block in padded:
                while not ctx.get(unit.room):
                    await ctx.tick()
                ctx.set(unit.promise, 1)
                await ctx.tick()
                ctx.set(unit.promise, 0)
                for word in block:
                    await ctx.tick().repeat(int(random.integers(1, 4)) if stalls else 1)
                    ctx.set(unit.word, sum((int(v) & 0xFFF) << 12 * n for n, v in enumerate(word)))
                    ctx.set(unit.valid, 1)
                    await ctx.tick()
                    ctx.set(unit.valid, 0)
            wanted = sum(len(layer[2]) for layer in layers[: number + 1])
            while len(items) < wanted:
                await ctx.tick()
            # The padding leaves too before another layer begins.
            await ctx.tick().repeat(2 * lanes + 4)

    async def listen(ctx):
        async for _, _, valid, item in ctx.tick().sample(unit.o.valid, unit.o.payload):
            if valid:
                assert item.hidden
                items.append((item.address, item.index, item.value, item.first, item.last))
                if len(items) == sum(len(layer[2]) for layer in layers):
                    break
        await ctx.tick().repeat(4 * lanes)

    simulate(unit, feed, listen)
    return items


@pytest.mark.parametrize(("lanes", "serial"), [(4, 1), (8, 1), (8, 2), (16, 4), (32, 8)])
@pytest.mark.parametrize("stalls", [False, True])
def test_every_unit_leaves_once_with_its_number(lanes, serial, stalls):
    random, layers = np.random.default_rng(lanes), []
    for units in (1, lanes - 1, lanes, lanes + 1, 45):
        segment = int(random.integers(0, DEPTH - units + 1)) if units < DEPTH else 0
        layers.append((units, segment, random.integers(-2048, 2048, units)))
    wanted = [
        (segment + n, n, int(value), n == 0, n == units - 1)
        for units, segment, values in layers
        for n, value in enumerate(values)
    ]
    assert run(lanes, serial, layers, stalls=stalls) == wanted
