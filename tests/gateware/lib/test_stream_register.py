import numpy as np
import pytest
from block_bench import simulate

from thresh.gateware.lib.stream_register import StreamRegister


@pytest.mark.parametrize(("gaps", "stalls"), [(0, 0), (0.5, 0), (0, 0.5), (0.4, 0.4)])
def test_passes_everything_on_in_order_and_holds_what_waits(gaps, stalls):
    block, random = StreamRegister(8), np.random.default_rng(1)
    values, seen, cycles = list(range(1, 61)), [], 0

    async def bench(ctx):
        nonlocal cycles
        waiting, held = list(values), None
        offers = False
        while len(seen) < len(values):
            offers = offers or (bool(waiting) and random.random() >= gaps)
            ctx.set(block.i.valid, offers)
            ctx.set(block.i.payload, waiting[0] if waiting else 0)
            takes = bool(random.random() >= stalls)
            ctx.set(block.o.ready, takes)
            _, _, ready, valid, payload = await ctx.tick().sample(
                block.i.ready, block.o.valid, block.o.payload
            )
            cycles += 1
            if held is not None:
                assert (valid, payload) == (1, held)
            held = payload if valid and not takes else None
            if valid and takes:
                seen.append(payload)
            if offers and ready:
                waiting.pop(0)
                offers = False

    simulate(block, bench)
    assert seen == values
    if not gaps and not stalls:
        assert cycles == len(values) + 1
