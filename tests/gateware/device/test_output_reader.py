"""Outputs of the state memory as scores: as many as there are classes, in order."""

import pytest
from amaranth.sim import Simulator

from thresh.gateware.device.output_reader import OutputReader
from thresh.layout.link import READ_LATENCY, Region

VALUES = [*range(-5, 7)]


@pytest.mark.parametrize("width", [1, 2, 4])
@pytest.mark.parametrize("classes", [1, 4, 11])
def test_reads_the_words_from_their_base(width, classes):
    reader, base, seen = OutputReader(word_bits=64, values=width, classes=16), 40, []
    words = {
        base + place // width: sum(
            (value & 0xFFFF) << 16 * part for part, value in enumerate(VALUES[place:][:width])
        )
        for place in range(0, len(VALUES), width)
    }

    async def memory(ctx):
        """A word is there `READ_LATENCY` cycles after its address, and only while enabled."""
        past = [None] * READ_LATENCY
        access = reader.access
        async for _, _, enable, region, address in ctx.tick().sample(
            access.enable, access.region, access.address
        ):
            past = [*past[1:], address if enable and region == Region.STATE else None]
            ctx.set(access.read_data, words.get(past[0], 0x7777))

    async def bench(ctx):
        ctx.set(reader.base, base)
        ctx.set(reader.last_label, classes - 1)
        for _ in range(2):
            ctx.set(reader.start, 1)
            await ctx.tick()
            ctx.set(reader.start, 0)
            last = False
            while not last:
                for _ in range(len(seen) % 3):
                    await ctx.tick()
                ctx.set(reader.o.ready, 1)
                value, last = (
                    await ctx.tick()
                    .sample(reader.o.payload.value, reader.o.payload.last)
                    .until(reader.o.valid)
                )
                ctx.set(reader.o.ready, 0)
                seen.append(value)
            await ctx.tick()
            assert not ctx.get(reader.access.enable)

    simulator = Simulator(reader)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.add_testbench(memory, background=True)
    simulator.run()
    assert seen == 2 * VALUES[:classes]
