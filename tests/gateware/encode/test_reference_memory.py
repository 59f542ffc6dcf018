"""References are updated by deltas, and reached from outside."""

import numpy as np
import pytest
from block_bench import simulate

from thresh.gateware.encode.reference_memory import ReferenceMemory

DEPTH = 8


@pytest.mark.parametrize("latency", [1, 3])
def test_updates_and_words_from_outside_are_read_back(latency):
    unit = ReferenceMemory(value_bits=9, depth=DEPTH, read_latency=latency)
    random, kept, seen = np.random.default_rng(latency), np.zeros(DEPTH, np.int64), []

    async def read(ctx, address):
        ctx.set(unit.read_address, address)
        await ctx.tick().repeat(latency)
        return ctx.get(unit.read_data), ctx.get(unit.access.read_data)

    async def bench(ctx):
        for address in range(DEPTH):
            kept[address] = random.integers(-256, 256)
            ctx.set(unit.access.enable, 1)
            ctx.set(unit.access.write, 1)
            ctx.set(unit.access.address, address)
            ctx.set(unit.access.write_data, int(kept[address]) & 0x1FF)
            await ctx.tick()
        ctx.set(unit.access.enable, 0)
        ctx.set(unit.access.write, 0)
        for address in random.integers(0, DEPTH, 40):
            value = int(random.integers(-256, 256))
            ctx.set(unit.update, 1)
            ctx.set(unit.address, int(address))
            ctx.set(unit.reference, int(kept[address]))
            ctx.set(unit.delta, int(np.clip(value - kept[address], -256, 255)))
            kept[address] += np.clip(value - kept[address], -256, 255)
            await ctx.tick()
            ctx.set(unit.update, 0)
            await ctx.tick()
            value, outside = await read(ctx, int(address))
            seen.append((value, value & 0x1FF == outside, value == kept[address]))

    simulate(unit, bench)
    assert all(same and right for _, same, right in seen)
    assert len({value for value, _, _ in seen}) > 20
