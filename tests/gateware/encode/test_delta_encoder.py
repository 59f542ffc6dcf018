"""What is sent, what is remembered, and what is not."""

import numpy as np
import pytest
from block_bench import simulate

from thresh.gateware.encode.delta_encoder import DeltaEncoder
from thresh.model.arithmetic import encode

DEPTH = 8


def run(bits, values, threshold, *, hidden=False, gaps=None):
    """Encode (T, N) values, N >= 4; events (step, index, delta, fires, first, last), clips."""
    steps, width = values.shape
    unit = DeltaEncoder(value_bits=bits, depth=DEPTH)
    events, clips, references = [], [], []

    async def feed(ctx):
        ctx.set(unit.threshold_h if hidden else unit.threshold_x, threshold)
        ctx.set(unit.threshold_x if hidden else unit.threshold_h, threshold ^ 3)
        await ctx.tick()
        for step in range(steps):
            for index in range(width):
                for _ in range(0 if gaps is None else int(gaps[step, index])):
                    ctx.set(unit.i.valid, 0)
                    await ctx.tick()
                ctx.set(unit.i.valid, 1)
                ctx.set(
                    unit.i.payload,
                    {
                        "value": int(values[step, index]),
                        "address": index,
                        "index": index,
                        "hidden": hidden,
                        "first": index == 0,
                        "last": index == width - 1,
                    },
                )
                await ctx.tick()
        ctx.set(unit.i.valid, 0)
        await ctx.tick().repeat(6)
        ctx.set(unit.access.enable, 1)
        for index in range(width):
            ctx.set(unit.i.p.address, index)
            _, _ = await ctx.tick()
            references.append(ctx.get(unit.access.read_data))

    async def listen(ctx):
        step = 0
        while step < steps:
            _, _, valid, event, clipped = await ctx.tick().sample(
                unit.o.valid, unit.o.payload, unit.saturated
            )
            clips.append(clipped)
            if valid:
                assert event.hidden == hidden
                events.append(
                    (step, event.index, event.delta, event.fires, event.first, event.last)
                )
                step += event.last

    simulate(unit, feed, listen)
    mask = (1 << bits) - 1
    signed = [word - (mask + 1) if (word & mask) >> (bits - 1) else word for word in references]
    return events, sum(clips), signed


def reference(bits, values, threshold):
    kept, events, clips = np.zeros(values.shape[1], np.int64), [], 0
    for step, row in enumerate(values):
        delta, clipped = encode(row, kept, threshold, bits)
        kept = kept + delta
        clips += clipped.sum()
        for index, sent in enumerate(delta):
            first, last = index == 0, index == len(row) - 1
            if sent or first or last:
                events.append((step, index, sent, bool(sent), first, last))
    return events, clips, kept.tolist()


def sent(events):
    return [int(delta) for _, _, delta, fires, _, _ in events if fires]


def check(bits, values, threshold, **options):
    came, wanted = run(bits, values, threshold, **options), reference(bits, values, threshold)
    assert [(*event[:2], event[2] * event[3], *event[3:]) for event in came[0]] == wanted[0]
    assert came[1:] == wanted[1:]
    return came


def test_fires_at_the_threshold_exactly():
    events, _, references = check(16, np.array([[4, 5, 6, -4, -5, -6]]), 5)
    assert sent(events) == [5, 6, -5, -6]
    assert references == [0, 5, 6, 0, -5, -6]


def test_suppresses_no_change_at_threshold_zero():
    values = np.array([[7, 0, -1, 3], [7, 0, -1, 4]])
    events, _, _ = check(16, values, 0)
    assert sent(events) == [7, -1, 3, 1]


def test_small_changes_add_up_until_they_fire():
    values = np.arange(12)[:, None].repeat(4, axis=1)
    events, _, references = check(16, values, 5)
    assert sent(events) == [5] * 8
    assert references == [10] * 4


@pytest.mark.parametrize("bits", [8, 16])
def test_a_clipped_delta_is_counted_and_the_rest_follows(bits):
    highest = (1 << (bits - 1)) - 1
    values = np.array([[-highest - 1] * 4, [highest] * 4, [highest] * 4])
    events, clips, references = check(bits, values, 0)
    # From the lowest value to the highest: two clipped deltas, and one is still missing.
    assert sent(events) == [-highest - 1] * 4 + [highest] * 8
    assert clips == 4 + 4
    assert references == [highest - 1] * 4


@pytest.mark.parametrize("bits", [8, 13, 16])
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("hidden", [False, True])
def test_equals_the_arithmetic(bits, gaps, hidden):
    random = np.random.default_rng(bits)
    highest = (1 << (bits - 1)) - 1
    for threshold in (0, 1, 9, highest // 2, highest):
        moves = random.choice([-threshold - 1, -threshold, 0, 1, threshold, threshold + 1], (20, 6))
        walk = np.clip(np.cumsum(moves, axis=0), -highest - 1, highest)
        jumps = random.choice([-highest - 1, 0, highest], (10, 6))
        pauses = random.integers(0, 4, (30, 6)) if gaps else None
        check(bits, np.concatenate([walk, jumps]), threshold, hidden=hidden, gaps=pauses)
