"""A handshake: every request arrives once and is answered once, whatever the two clocks do."""

from random import Random

import pytest
from amaranth.sim import Simulator

from thresh.gateware.device.handshake import Handshake


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("period", [0.31, 1.0, 3.7])
def test_every_request_is_seen_and_answered_once(seed, period):
    block, random = Handshake(i_domain="audio", o_domain="sync"), Random(seed)
    said, seen = [], []

    async def asks(ctx):
        for number in range(30):
            while ctx.get(block.busy):
                await ctx.tick("audio")
            said.append(number)
            ctx.set(block.ask, 1)
            await ctx.tick("audio")
            ctx.set(block.ask, 0)
            for _ in range(random.randrange(4)):
                await ctx.tick("audio")

    async def answers(ctx):
        while len(seen) < 30:
            if ctx.get(block.wanted):
                for _ in range(random.randrange(6)):
                    await ctx.tick()
                seen.append(said[-1])
                ctx.set(block.answer, 1)
                await ctx.tick()
                ctx.set(block.answer, 0)
            await ctx.tick()

    simulator = Simulator(block)
    simulator.add_clock(1e-6, domain="audio")
    simulator.add_clock(period * 1e-6, phase=random.random() * 1e-6)
    simulator.add_testbench(asks)
    simulator.add_testbench(answers)
    simulator.run()
    assert seen == said == [*range(30)]
