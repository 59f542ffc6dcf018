"""Entries leave one by one in their order, and words without any take no time."""

import numpy as np
import pytest
from block_bench import simulate

from thresh.gateware.encode.entry_sieve import EntrySieve

BITS, ADDRESS = 12, 8


def run(serial, vector, blocks, *, stalls=False):
    """Entries (cycle, index, delta, fires, first, last) of blocks of words.

    A word is (S deltas, first, last), and 0 does not fire; the last of a block closes it.
    """
    unit = EntrySieve(value_bits=BITS, address_bits=ADDRESS, serial=serial, vector=vector)
    entries, random = [], np.random.default_rng(4)
    shape = ADDRESS - unit.lane_bits

    async def feed(ctx):
        row = 0
        for block in blocks:
            while not ctx.get(unit.room):
                await ctx.tick()
            ctx.set(unit.promise, 1)
            await ctx.tick()
            ctx.set(unit.promise, 0)
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
                    "closes": number == vector - 1,
                }
                ctx.set(unit.word, word)
                await ctx.tick()
                ctx.set(unit.valid, 0)
                row += 1
        await ctx.tick().repeat(2 * serial * vector + 20)

    async def listen(ctx):
        now = 0
        async for _, _, valid, entry in ctx.tick().sample(unit.o.valid, unit.o.payload):
            now += 1
            if valid:
                entries.append(
                    (now, entry.index, entry.delta, entry.fires, entry.first, entry.last)
                )

    simulate(unit, feed, background=listen)
    return entries


def wanted(serial, blocks):
    """The same entries without their cycles."""
    entries = []
    for row, (deltas, first, last) in enumerate(word for block in blocks for word in block):
        firing = [lane for lane, delta in enumerate(deltas) if delta]
        if not firing and (first or last):
            entries.append((row * serial, None, 0, first, last))
        for number, lane in enumerate(firing):
            ends = last and number == len(firing) - 1
            entry = (row * serial + lane, int(deltas[lane]), 1, first and number == 0, ends)
            entries.append(entry)
    return entries


@pytest.mark.parametrize(("serial", "vector"), [(2, 4), (4, 4), (8, 4), (2, 8)])
@pytest.mark.parametrize("rate", [0.0, 0.05, 0.4, 1.0])
@pytest.mark.parametrize("stalls", [False, True])
def test_entries_leave_in_their_order(serial, vector, rate, stalls):
    random, count = np.random.default_rng(serial), 5
    fires = random.random((count * vector, serial)) < rate
    deltas = random.integers(1, 2048, fires.shape) * random.choice((-1, 1), fires.shape) * fires
    words = [(row, number == 0, number == count * vector - 1) for number, row in enumerate(deltas)]
    blocks = [words[at : at + vector] for at in range(0, len(words), vector)]
    came = [
        (index, delta if fires else None, fires, first, last)
        for _, index, delta, fires, first, last in run(serial, vector, blocks, stalls=stalls)
    ]
    assert came == wanted(serial, blocks)


def test_a_full_word_takes_a_cycle_per_value_and_silent_ones_none():
    serial, vector = 4, 4
    full, silent = np.full(serial, 9), np.zeros(serial, int)
    block = [(full, True, False), (silent, False, False), (silent, False, False)]
    entries = run(serial, vector, [[*block, (full, False, True)]])
    cycles = [entry[0] for entry in entries]
    assert cycles == list(range(cycles[0], cycles[0] + 2 * serial))
