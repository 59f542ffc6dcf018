"""Columns are cut where rows of the SDRAM end, and nowhere else."""

import numpy as np
from block_bench import simulate, stream_rules
from sdram_bench import QUICK_SDRAM

from thresh.gateware.sdram.column_cutter import ColumnCutter

INSIDE = QUICK_SDRAM.column_bits - 3


def test_pieces_follow_one_another_and_none_leaves_its_row():
    random, unit, row = np.random.default_rng(5), ColumnCutter(chip=QUICK_SDRAM), 1 << INSIDE
    columns = [(0, row), (row - 1, 2), (7, 1), (3 * row + 5, 4 * row), (8 * row - 1, 1)]
    columns += [(int(random.integers(0, 99 * row)), int(random.integers(1, 150))) for _ in range(9)]
    wanted = [
        (start + at, start + at == start + count - 1) for start, count in columns
        for at in range(count)
    ]  # fmt: skip
    seen = []

    async def feed(ctx):
        for address, bursts in columns:
            ctx.set(unit.i.payload, {"address": address, "bursts": bursts})
            ctx.set(unit.i.valid, 1)
            await ctx.tick().until(unit.i.ready)
        ctx.set(unit.i.valid, 0)

    async def take(ctx):
        while len(seen) < len(wanted):
            ctx.set(unit.o.ready, bool(random.random() < 0.5))
            _, _, valid, ready, piece = await ctx.tick().sample(
                unit.o.valid, unit.o.ready, unit.o.payload
            )
            if not (valid and ready):
                continue
            assert 1 <= piece.bursts <= row - piece.column
            first = (piece.row << QUICK_SDRAM.bank_bits | piece.bank) << INSIDE | piece.column
            ends = [piece.last and at == piece.bursts - 1 for at in range(piece.bursts)]
            seen.extend((first + at, end) for at, end in enumerate(ends))

    simulate(unit, feed, take, background=stream_rules(o=unit.o))
    assert seen == wanted
