"""Events leave one by one in their order, and words without any take no time."""

import numpy as np
import pytest
from block_bench import simulate

from thresh.gateware.encode.event_sieve import EventSieve

BITS, ADDRESS = 12, 8


def run(pointwise_lanes, beats, blocks, *, stalls=False):
    """Events (cycle, index, delta, fires, first, last) of blocks of words.

    A word is (S deltas, first, last), and 0 does not fire; the last of a block closes it.
    """
    unit = EventSieve(
        value_bits=BITS, address_bits=ADDRESS, pointwise_lanes=pointwise_lanes, beats=beats
    )
    events, random = [], np.random.default_rng(4)
    shape = ADDRESS - unit.lane_bits

    async def feed(ctx):
        row = 0
        for block in blocks:
            while not ctx.get(unit.credit):
                await ctx.tick()
            ctx.set(unit.reserve, 1)
            await ctx.tick()
            ctx.set(unit.reserve, 0)
            for number, (deltas, first, last) in enumerate(block):
                for _ in range(int(random.integers(0, 3)) if stalls else 0):
                    await ctx.tick()
                ctx.set(unit.valid, 1)
                word = {
                    "deltas": sum((int(d) & 0xFFF) << BITS * n for n, d in enumerate(deltas)),
                    "fires": sum(int(d != 0) << n for n, d in enumerate(deltas)),
                    "row": row & ((1 << shape) - 1),
                    "hidden": 1,
                    "first": first,
                    "last": last,
                    "closes": number == beats - 1,
                }
                ctx.set(unit.word, word)
                await ctx.tick()
                ctx.set(unit.valid, 0)
                row += 1
        await ctx.tick().repeat(2 * pointwise_lanes * beats + 20)

    async def listen(ctx):
        now = 0
        async for _, _, valid, event in ctx.tick().sample(unit.o.valid, unit.o.payload):
            now += 1
            if valid:
                events.append((now, event.index, event.delta, event.fires, event.first, event.last))

    simulate(unit, feed, background=listen)
    return events


def wanted(pointwise_lanes, blocks):
    """The same events without their cycles."""
    events = []
    for row, (deltas, first, last) in enumerate(word for block in blocks for word in block):
        firing = [lane for lane, delta in enumerate(deltas) if delta]
        if not firing and (first or last):
            events.append((row * pointwise_lanes, None, 0, first, last))
        for number, lane in enumerate(firing):
            ends = last and number == len(firing) - 1
            event = (
                row * pointwise_lanes + lane,
                int(deltas[lane]),
                1,
                first and number == 0,
                ends,
            )
            events.append(event)
    return events


@pytest.mark.parametrize(("pointwise_lanes", "beats"), [(2, 4), (4, 4), (8, 4), (2, 8)])
@pytest.mark.parametrize("rate", [0.0, 0.05, 0.4, 1.0])
@pytest.mark.parametrize("stalls", [False, True])
def test_events_leave_in_their_order(pointwise_lanes, beats, rate, stalls):
    random, count = np.random.default_rng(pointwise_lanes), 5
    fires = random.random((count * beats, pointwise_lanes)) < rate
    deltas = random.integers(1, 2048, fires.shape) * random.choice((-1, 1), fires.shape) * fires
    words = [(row, number == 0, number == count * beats - 1) for number, row in enumerate(deltas)]
    blocks = [words[at : at + beats] for at in range(0, len(words), beats)]
    came = [
        (index, delta if fires else None, fires, first, last)
        for _, index, delta, fires, first, last in run(
            pointwise_lanes, beats, blocks, stalls=stalls
        )
    ]
    assert came == wanted(pointwise_lanes, blocks)


def test_a_full_word_takes_a_cycle_per_value_and_silent_ones_none():
    pointwise_lanes, beats = 4, 4
    full, silent = np.full(pointwise_lanes, 9), np.zeros(pointwise_lanes, int)
    block = [(full, True, False), (silent, False, False), (silent, False, False)]
    events = run(pointwise_lanes, beats, [[*block, (full, False, True)]])
    cycles = [event[0] for event in events]
    assert cycles == list(range(cycles[0], cycles[0] + 2 * pointwise_lanes))
