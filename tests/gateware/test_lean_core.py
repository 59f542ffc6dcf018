"""A core without counters, without readback, and with a multiplier that serves others as well."""

import random
import re
from dataclasses import replace
from functools import cache

import pytest
from core_driver import agree
from hearing.lean_driver import LEAN, LeanDriver
from link_bench import network, walk

from thresh.gateware.columns.chain_lane import ChainLane
from thresh.gateware.core import Core
from thresh.gateware.primitives import Primitives
from thresh.layout.geometry import Geometry
from thresh.layout.link import Region
from thresh.sim.golden import GoldenModel

SHAPE = Geometry(
    lanes=8, weight_depth=1024, accumulator_depth=384, state_depth=128, value_depth=64
)  # fmt: skip


SMALL = Primitives(captures=0, mac_lane=ChainLane, compact=True)


@cache
def driver(primitives=SMALL):
    """One simulation for all tests; networks are loaded one after another."""
    return LeanDriver(SHAPE, primitives)


@pytest.mark.parametrize(
    ("sizes", "kinds"),
    [
        ((5, 12, 3), ("gru", "linear")),
        ((2, 17, 1, 9, 3), ("gru", "linear_relu", "lstm", "linear")),
        ((9, 1, 16, 2), ("rnn_relu", "gru", "linear_sigmoid")),
        ((4, 9, 11), ("li_gru", "min_gru")),
    ],
)
@pytest.mark.parametrize("primitives", [Primitives(), SMALL])
def test_every_integer_is_the_golden_models(sizes, kinds, primitives):
    net = network(*sizes, kinds=kinds, threshold=30, shift=11)
    first, second = walk(6, sizes[0], stride=8000), walk(3, sizes[0], seed=9)
    agree(driver(primitives), net, first, second, first)


def test_accumulators_fill_a_memory_of_three_banks():
    """A new sequence does not go beyond its last word, which is in use."""
    net = network(3, 96, kinds=("gru",), threshold=40, shift=10)
    core = LeanDriver(replace(SHAPE, weight_depth=4096, state_depth=256, value_depth=128), SMALL)
    x = walk(3, 3, stride=6000)
    agree(core, net, x, x)
    assert core.plan.layers[0].accumulators == SHAPE.accumulator_depth


def test_a_threshold_can_be_changed_between_sequences():
    core, x = driver(), walk(6, 4, stride=3000)
    for threshold in (0, 500):
        agree(core, network(4, 9, 3, threshold=threshold, shift=11), x)


def test_only_the_state_is_read():
    core, net = driver(), network(4, 9, 3, threshold=30)
    agree(core, net, walk(3, 4, stride=6000))
    before = [core._kept[region] for region in (Region.ACCUMULATORS, Region.REFERENCES)]
    kept = [core.read(region, range(8)) for region in (Region.ACCUMULATORS, Region.REFERENCES)]
    for region in (Region.ACCUMULATORS, Region.REFERENCES, Region.STATE):
        state = core.read(Region.STATE, range(8, 16))
        core.write(region, [0x55] * 4)
        assert core.read(Region.STATE, range(8, 16)) == state
    assert [core.read(r, range(8)) for r in (Region.ACCUMULATORS, Region.REFERENCES)] == kept
    assert all(before)


def test_products_of_another_block_come_in_every_cycle_between_steps():
    core, draw = driver(), random.Random(3)
    net = network(4, 9, 3, threshold=30, shift=11)
    agree(core, net, walk(3, 4, stride=6000))
    pairs = [(draw.randint(0, 1 << 15), draw.randint(-(1 << 15), (1 << 15) - 1)) for _ in range(60)]
    pairs += [(a, b) for a in (0, 1, 1 << 15) for b in (-(1 << 15), -1, 0, (1 << 15) - 1)]
    latency = Core.multiplier_latency(Primitives())

    async def job(ctx):
        port, products = core.core.multiplier, []
        for a, b in pairs + [(0, 0)] * latency:
            assert not ctx.get(core.core.stepping)
            products.append(ctx.get(port.product))
            ctx.set(port.unsigned, a)
            ctx.set(port.signed, b)
            await ctx.tick()
        return products[latency:]

    assert core.do(job) == [a * b for a, b in pairs]


def test_steps_are_right_whatever_another_block_multiplies():
    """The core does not lose a product to a port whose owner should have waited."""
    core, draw = LeanDriver(SHAPE), random.Random(5)

    async def noise(ctx):
        while True:
            ctx.set(core.core.multiplier.unsigned, draw.randint(0, 1 << 15))
            ctx.set(core.core.multiplier.signed, draw.randint(-(1 << 15), (1 << 15) - 1))
            await ctx.tick()

    core.simulator.add_testbench(noise, background=True)
    agree(core, network(5, 12, 3, threshold=30, shift=11), walk(6, 5, stride=8000))


def test_stepping_covers_a_step_from_its_first_input():
    core, net = driver(), network(4, 9, 3, threshold=30, shift=11)
    core.load(net)
    core.new_sequence()

    async def job(ctx):
        seen, dut = [], core.core
        for value in (900, -900, 1200, 3):
            ctx.set(dut.x.payload, value)
            ctx.set(dut.x.valid, 1)
            await ctx.tick().until(dut.x.ready)
            ctx.set(dut.x.valid, 0)
            await ctx.tick().repeat(20)
            seen.append(ctx.get(dut.stepping))
        await ctx.tick().until(dut.done)
        return seen, ctx.get(dut.stepping)

    assert core.do(job) == ([1] * 4, 0)


def test_lists_say_their_events():
    core, net = LeanDriver(SHAPE), network(4, 9, 3, kinds=("gru", "gru"), threshold=300, shift=11)
    x, seen = walk(5, 4, stride=3000), []

    async def watch(ctx):
        dut = core.core
        async for values in ctx.tick().sample(dut.x_done, dut.x_count, dut.h_done, dut.h_count):
            x_done, x_count, h_done, h_count = values[2:]
            seen.extend([("x", x_count)] * x_done + [("h", h_count)] * h_done)

    core.simulator.add_testbench(watch, background=True)
    core.load(net)
    core.new_sequence()
    model, wanted = GoldenModel(net), []
    model.new_sequence()
    for values in x:
        core.step(values)
        model.step(values[None])
        wanted += [("x", model.fired_x[0]), *(("h", fired) for fired in model.fired_h[0])]
    assert seen == wanted


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({}, {"readback": False}, "Counters need readback: without it nothing can read them"),
        ({"value_bits": 12}, LEAN, "A shared multiplier needs value_bits = 16, not 12"),
    ],
)
def test_options_that_make_no_sense_are_refused(changes, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Core(geometry=replace(SHAPE, **changes), **options)
