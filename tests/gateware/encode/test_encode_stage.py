"""Inputs and words of state are encoded into the same events as one by one."""

import numpy as np
import pytest
from block_bench import simulate

from thresh.gateware.encode.encode_stage import EncodeStage
from thresh.layout.geometry import Geometry
from thresh.model.arithmetic import encode

BITS, INPUTS, THRESHOLD_X, THRESHOLD_H = 12, 7, 30, 55


def run(pointwise_lanes, units, x, h, *, read_latency=1):
    """Events (hidden, index, delta) of steps x (T, inputs) and h (T, units), and saturations."""
    geometry = Geometry(
        lanes=4 * pointwise_lanes, pointwise_lanes=pointwise_lanes, value_bits=BITS, weight_depth=2,
        accumulator_depth=2,
        state_depth=64, value_depth=128,
    )  # fmt: skip
    unit = EncodeStage(geometry=geometry, read_latency=read_latency)
    segment = -(-INPUTS // pointwise_lanes) * pointwise_lanes
    steps, clipped, done = [], [0], [0]

    async def feed(ctx):
        ctx.set(unit.inputs_minus_1, INPUTS - 1)
        ctx.set(unit.threshold_x, THRESHOLD_X)
        ctx.set(unit.layer.threshold, THRESHOLD_H)
        ctx.set(unit.layer.units_minus_1, units - 1)
        ctx.set(unit.layer.segment, segment)
        for values, state in zip(x, h, strict=True):
            ctx.set(unit.layer.begin, 1)
            await ctx.tick()
            ctx.set(unit.layer.begin, 0)
            padded = np.append(state, [77] * (-units % geometry.lanes))
            words = padded.reshape(-1, pointwise_lanes)
            at = 0
            for number, word in enumerate(words):
                if number % geometry.beats == 0:
                    while not ctx.get(unit.layer.credit):
                        await ctx.tick()
                    ctx.set(unit.layer.reserve, 1)
                ctx.set(unit.valid, 1)
                ctx.set(unit.word, sum((int(v) & 0xFFF) << BITS * n for n, v in enumerate(word)))
                await ctx.tick()
                ctx.set(unit.valid, 0)
                ctx.set(unit.layer.reserve, 0)
                if at < INPUTS and number % 2:
                    at = await offer(ctx, values, at)
            while at < INPUTS:
                at = await offer(ctx, values, at)
            while done[0] < 2:
                await ctx.tick()
            done[0] = 0
            ctx.set(unit.taken, 1)
            await ctx.tick()
            ctx.set(unit.taken, 0)

    async def offer(ctx, values, at):
        ctx.set(unit.x.valid, 1)
        ctx.set(unit.x.payload, int(values[at]))
        while not ctx.get(unit.x.ready):
            await ctx.tick()
        await ctx.tick()
        ctx.set(unit.x.valid, 0)
        return at + 1

    async def listen(ctx):
        step = {0: [], 1: []}
        async for _, _, valid, event, saturated in ctx.tick().sample(
            unit.o.valid, unit.o.payload, unit.saturated
        ):
            clipped[0] += saturated
            if not valid:
                continue
            assert event.first == (not step[event.hidden])
            step[event.hidden].append((event.index, event.delta) if event.fires else None)
            if event.last:
                events = [pair for pair in step[event.hidden] if pair]
                steps.append((event.hidden, events))
                step[event.hidden] = []
                done[0] += 1

    simulate(unit, feed, background=listen)
    return steps, clipped[0]


@pytest.mark.parametrize(("pointwise_lanes", "read_latency"), [(1, 1), (2, 1), (4, 3), (8, 3)])
@pytest.mark.parametrize("units", [1, 9, 32])
def test_every_list_is_that_of_the_arithmetic(pointwise_lanes, read_latency, units):
    random = np.random.default_rng(units)
    x = random.integers(-2048, 2048, (6, INPUTS)) // random.choice((1, 40), (6, INPUTS))
    h = random.integers(-2048, 2048, (6, units)) // random.choice((1, 40), (6, units))
    steps, clipped = run(pointwise_lanes, units, x, h, read_latency=read_latency)
    references = {0: np.zeros(INPUTS, np.int64), 1: np.zeros(units, np.int64)}
    saturations = 0
    for step, values in enumerate(zip(x, h, strict=True)):
        lists = dict(steps[2 * step : 2 * step + 2])
        assert lists.keys() == {0, 1}
        for hidden, threshold in enumerate((THRESHOLD_X, THRESHOLD_H)):
            delta, limited = encode(values[hidden], references[hidden], threshold, BITS)
            references[hidden] += delta
            saturations += int(np.sum(limited))
            wanted = [(n, int(delta[n])) for n in np.flatnonzero(delta)]
            assert lists[hidden] == wanted
    assert clipped == saturations
