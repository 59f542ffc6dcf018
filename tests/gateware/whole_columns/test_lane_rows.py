"""Every lane of a sparse word has a row of its own."""

import numpy as np
from block_bench import simulate

from thresh.gateware.whole_columns.lane_rows import LaneRows

LANES, BITS, DEPTH = 4, 8, 512


def test_offsets_add_up_within_a_column_and_zeros_add_nothing():
    random, unit = np.random.default_rng(3), LaneRows(lanes=LANES, weight_bits=BITS, depth=DEPTH)
    offsets = random.integers(0, 40, (12, LANES))
    weights = random.integers(0, 3, (12, LANES))
    first = np.isin(np.arange(12), (0, 5))

    async def bench(ctx):
        rows = np.zeros(LANES, int)
        for number in range(12):
            rows = offsets[number] + (0 if first[number] else rows)
            ctx.set(unit.first, bool(first[number]))
            ctx.set(unit.offsets, int.from_bytes(offsets[number].astype("u1").tobytes(), "little"))
            ctx.set(unit.weights, int.from_bytes(weights[number].astype("u1").tobytes(), "little"))
            for valid in (0, 1):
                ctx.set(unit.valid, valid)
                adds = [ctx.get(unit.adds) >> lane & 1 for lane in range(LANES)]
                assert [ctx.get(unit.rows[lane]) for lane in range(LANES)] == rows.tolist()
                assert adds == [valid and weight != 0 for weight in weights[number]]
                await ctx.tick()

    simulate(unit, bench)
