"""Words of columns become sums, which leave in order and are cleared."""

import numpy as np
import pytest
from block_bench import simulate

from thresh.gateware.whole_columns.whole_column_mac import ADDED, WholeColumnMAC

BITS, VALUE_BITS, DEPTH = 8, 12, 16


def pack(values, bits):
    return sum((int(value) & (1 << bits) - 1) << bits * n for n, value in enumerate(values))


@pytest.mark.parametrize("read_latency", [1, 2, 3])
@pytest.mark.parametrize(("lanes", "own_rows"), [(2, False), (8, True)])
def test_sums_of_two_layers_at_a_time_are_those_of_their_words(lanes, own_rows, read_latency):
    pointwise_lanes, random = 2, np.random.default_rng(lanes + read_latency)
    unit = WholeColumnMAC(
        lanes=lanes, pointwise_lanes=pointwise_lanes, weight_bits=BITS, value_bits=VALUE_BITS,
        depth=DEPTH, own_rows=own_rows, read_latency=read_latency,
    )  # fmt: skip
    rest, groups = 2 + read_latency, lanes // pointwise_lanes

    async def words(ctx, side, count):
        """Random words, of which a row comes again as early as it may; their sums by row."""
        sums, rows = np.zeros((DEPTH, lanes), int), len(unit.i.rows)
        recent = np.full((rest - 1, rows), -1)
        for _ in range(count):
            free = [np.setdiff1d(np.arange(DEPTH), recent[:, number]) for number in range(rows)]
            chosen = np.array([random.choice(some) for some in free])
            recent = np.concatenate([recent[1:], chosen[None]])
            row = np.broadcast_to(chosen, lanes)
            weights = random.integers(-128, 128, lanes)
            adds, delta = random.integers(0, 2, lanes), int(random.integers(-2048, 2048))
            sums[row, np.arange(lanes)] += weights * adds * delta
            ctx.set(unit.i.weights, pack(weights, BITS))
            for number in range(rows):
                ctx.set(unit.i.rows[number], int(row[number]))
            ctx.set(unit.i.adds, pack(adds, 1))
            ctx.set(unit.i.delta, delta)
            ctx.set(unit.i.side, side)
            await ctx.tick()
        ctx.set(unit.i.adds, 0)
        ctx.set(unit.i.end, 1)
        await ctx.tick()
        ctx.set(unit.i.end, 0)
        return sums

    async def begin(ctx):
        ctx.set(unit.begin, 1)
        await ctx.tick()
        ctx.set(unit.begin, 0)

    async def take(ctx, sums):
        waited = 0
        while not ctx.get(unit.complete):
            waited += 1
            assert waited <= ADDED + 3
            await ctx.tick()
        wanted, seen = [pack(part, 32) for part in sums.reshape(-1, pointwise_lanes)], []
        ctx.set(unit.shift, 1)
        for number in range(DEPTH * groups + read_latency):
            ctx.set(unit.shift, number < DEPTH * groups)
            seen.append(ctx.get(unit.sums))
            await ctx.tick()
        assert seen[read_latency:] == wanted

    async def bench(ctx):
        sums = await words(ctx, 0, 40)
        for layer in range(1, 6):
            await begin(ctx)
            following = await words(ctx, layer % 2, 25)
            await take(ctx, sums)
            sums = following

    simulate(unit, bench)
