"""Samples between the domains: batch by batch, in order, whatever the clocks do."""

from random import Random

import pytest
from amaranth.hdl import Module
from amaranth.sim import Simulator

from thresh.gateware.device.handshake import Handshake
from thresh.gateware.device.sample_queue import SampleQueue

WINDOW, HOP = 20, 8


@pytest.mark.parametrize("late", [0, 9, 40])
@pytest.mark.parametrize("period", [0.2, 2.9])
def test_batches_come_whole_and_in_order(late, period):
    """A core that is late finds the next batch waiting."""
    m = Module()
    m.submodules.queue = queue = SampleQueue(depth=64, window=WINDOW, hop=HOP)
    m.submodules.batch = batch = Handshake(i_domain="audio", o_domain="sync")
    m.d.comb += [batch.ask.eq(queue.ask), queue.busy.eq(batch.busy)]
    sent, taken, random = [*range(-40, 60)], [], Random(late)

    async def microphone(ctx):
        for value in sent:
            ctx.set(queue.i.payload, value)
            ctx.set(queue.i.valid, 1)
            await ctx.tick("audio")
            ctx.set(queue.i.valid, 0)
            for _ in range(10):
                await ctx.tick("audio")

    async def core(ctx):
        for size in (WINDOW, *[HOP] * 10):
            await ctx.tick().until(batch.wanted)
            for _ in range(round(late / period) if random.random() < 0.5 else 0):
                await ctx.tick()
            for _ in range(size):
                ctx.set(queue.o.ready, 1)
                taken.extend(await ctx.tick().sample(queue.o.payload).until(queue.o.valid))
                ctx.set(queue.o.ready, 0)
            ctx.set(batch.answer, 1)
            await ctx.tick()
            ctx.set(batch.answer, 0)

    simulator = Simulator(m)
    simulator.add_clock(1e-6, domain="audio")
    simulator.add_clock(period * 1e-6)
    simulator.add_testbench(microphone)
    simulator.add_testbench(core)
    simulator.run()
    assert taken == sent
