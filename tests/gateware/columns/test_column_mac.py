"""Sums of passes are differences of captures, whatever the lanes have seen before."""

import numpy as np
import pytest
from block_bench import simulate

from thresh.gateware.columns.column_mac import ColumnMAC


def run(lanes, pointwise_lanes, passes, *, weight_bits=8, value_bits=16, captures=1, gaps=None):
    """Sums (passes, lanes) of passes of (weights (N, lanes), deltas (N,), mark with last event)."""
    unit = ColumnMAC(
        lanes=lanes, pointwise_lanes=pointwise_lanes, weight_bits=weight_bits,
        value_bits=value_bits, captures=captures, lead=int(captures > 1),
    )  # fmt: skip
    beats, sums = lanes // pointwise_lanes, []
    mask = (1 << weight_bits) - 1
    taken = [0]

    async def feed(ctx):
        async def cycle(weights=None, delta=0, mark=0):
            if weights is not None:
                word = sum((int(w) & mask) << weight_bits * n for n, w in enumerate(weights))
                ctx.set(unit.weights, word)
            ctx.set(unit.delta, int(delta))
            ctx.set(unit.mark, mark)
            await ctx.tick()
            ctx.set(unit.mark, 0)
            ctx.set(unit.delta, 0)

        for number, (weights, deltas, with_event) in enumerate(passes):
            for at, (row, delta) in enumerate(zip(weights, deltas, strict=True)):
                for _ in range(0 if gaps is None else int(gaps[at % len(gaps)])):
                    await cycle(row)
                last = at == len(deltas) - 1
                while last and with_event and taken[0] <= number - captures:
                    await cycle(row)
                await cycle(row, delta, int(last and with_event))
            if not with_event or not len(deltas):
                while taken[0] <= number - captures:
                    await cycle()
                await cycle(mark=1)

    async def take(ctx):
        for _ in passes:
            while not ctx.get(unit.full):
                await ctx.tick()
            ctx.set(unit.take, 1)
            await ctx.tick()
            ctx.set(unit.take, 0)
            words = []
            for cycle in range(beats + unit.lead):
                ctx.set(unit.shift, int(cycle < beats))
                await ctx.tick()
                words.append(ctx.get(unit.sums))
            ctx.set(unit.shift, 0)
            words = words[unit.lead :]
            taken[0] += 1
            sums.append(
                [word >> 32 * n & 0xFFFF_FFFF for word in words for n in range(pointwise_lanes)]
            )

    simulate(unit, feed, take)
    return np.array(sums, np.uint32).astype(np.int32)


def random_passes(random, lanes, counts, *, weight_bits=8, value_bits=16, extreme=False):
    weight, value = 1 << (weight_bits - 1), 1 << (value_bits - 1)
    passes = []
    for count in counts:
        if extreme:
            weights, deltas = np.full((count, lanes), -weight), np.full(count, -value)
        else:
            weights = random.integers(-weight, weight, (count, lanes))
            deltas = random.integers(-value, value, count)
        passes.append((weights, deltas, bool(random.integers(2))))
    return passes


def wanted(passes):
    return np.array([deltas @ weights for weights, deltas, _ in passes])


@pytest.mark.parametrize(("lanes", "pointwise_lanes"), [(4, 1), (8, 1), (8, 2), (16, 4), (32, 8)])
@pytest.mark.parametrize("captures", [1, 3, 5])
@pytest.mark.parametrize("gaps", [None, [0, 2, 1, 0, 0, 3]])
def test_every_pass_has_its_own_sum(lanes, pointwise_lanes, captures, gaps):
    passes = random_passes(np.random.default_rng(lanes), lanes, [5, 1, 0, 9, 0, 0, 2, 30, 1, 1])
    sums = run(lanes, pointwise_lanes, passes, captures=captures, gaps=gaps)
    np.testing.assert_array_equal(sums, wanted(passes))


@pytest.mark.parametrize(("weight_bits", "value_bits"), [(4, 8), (4, 16), (8, 9)])
def test_other_widths(weight_bits, value_bits):
    widths = {"weight_bits": weight_bits, "value_bits": value_bits}
    passes = random_passes(np.random.default_rng(1), 8, [4, 7, 0, 3], **widths)
    np.testing.assert_array_equal(run(8, 1, passes, **widths), wanted(passes))


@pytest.mark.parametrize("with_event", [True, False])
def test_a_mark_ends_a_pass_with_its_event_or_before_it(with_event):
    weights, deltas = np.arange(1, 13).reshape(3, 4), np.array([100, 10, 1])
    passes = [(weights, deltas, with_event), (weights, -deltas, not with_event)] * 3
    np.testing.assert_array_equal(run(4, 1, passes), wanted(passes))


def test_running_sums_may_overflow():
    passes = random_passes(np.random.default_rng(2), 4, [400, 400, 400, 7], extreme=True)
    assert wanted(passes).cumsum(axis=0).max() > 1 << 32
    np.testing.assert_array_equal(run(4, 1, passes), wanted(passes))
