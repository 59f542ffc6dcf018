"""A dense column's words belong to the rows in which the pointwise stage takes sums."""

import pytest
from block_bench import simulate

from thresh.gateware.whole_columns.dense_rows import DenseRows
from thresh.layout.sdram_image import list_passes
from thresh.model.cells import CELLS

BEATS, DEPTH = 4, 256


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for name in ("hidden", "inputs") for kind, cell in CELLS.items()
     if list_passes(cell, name)],
)  # fmt: skip
def test_rows_follow_the_passes_that_use_the_list_block_by_block(kind, name):
    cell, unit, seen = CELLS[kind], DenseRows(beats=BEATS, depth=DEPTH), []
    used = list_passes(cell, name)
    wanted = [
        BEATS * (block * len(cell.passes) + pass_) + element
        for block in range(3)
        for pass_ in used
        for element in range(BEATS)
    ]

    async def bench(ctx):
        ctx.set(unit.kind, cell.code)
        ctx.set(unit.inputs, name == "inputs")
        await ctx.tick()
        # Two columns, with a pause in each word's place now and then.
        for number in range(2 * len(wanted)):
            seen.append(ctx.get(unit.row))
            ctx.set(unit.valid, 1)
            ctx.set(unit.last, number % len(wanted) == len(wanted) - 1)
            await ctx.tick()
            ctx.set(unit.valid, 0)
            for _ in range(number % 3):
                await ctx.tick()

    simulate(unit, bench)
    assert seen == 2 * wanted
