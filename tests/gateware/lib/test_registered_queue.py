"""Payloads in order through a block RAM that is read through its own register."""

import pytest
from block_bench import passed_on, simulate

from thresh.gateware.lib.registered_queue import RegisteredQueue


@pytest.mark.parametrize("depth", [2, 4, 16])
@pytest.mark.parametrize(("gaps", "stalls"), [(0, 0), (0.5, 0), (0, 0.5), (0.4, 0.4), (0, 0.9)])
def test_passes_everything_on_in_order_and_keeps_what_waits(depth, gaps, stalls):
    values = list(range(1, 121))
    seen, _ = passed_on(RegisteredQueue(16, depth=depth), values, gaps=gaps, stalls=stalls)
    assert seen == values


def test_a_payload_passes_every_cycle_after_the_latency():
    values = list(range(1, 61))
    seen, cycles = passed_on(RegisteredQueue(16, depth=16), values, gaps=0, stalls=0)
    assert seen == values
    assert cycles == len(values) + RegisteredQueue.latency


def test_as_many_payloads_wait_as_it_says():
    block = RegisteredQueue(8, depth=4)

    async def bench(ctx):
        ctx.set(block.i.valid, 1)
        taken = 0
        for _ in range(30):
            *_, ready = await ctx.tick().sample(block.i.ready)
            taken += ready
        # Four in the memory, and four that have left it.
        assert taken == 8

    simulate(block, bench)


@pytest.mark.parametrize("depth", [1, 12])
def test_refuses_what_is_no_power_of_two(depth):
    with pytest.raises(ValueError, match=f"depth must be a power of two from 2 on, not {depth}"):
        RegisteredQueue(8, depth=depth)
