"""What happens in a frame lies in the memory in the order of the line."""

import pytest
from amaranth.sim import Simulator

from thresh.gateware.device.reporter import Reporter
from thresh.layout.device_link import FrameReport, Heard, encode
from thresh.layout.device_memories import PAYLOAD

FRAME = FrameReport(
    frame=200, label=5, score=-7, heard=True, cycles=0, events=(3, 4), features=(9, -9, 300),
    outputs=(11, -12),
)  # fmt: skip


@pytest.mark.parametrize("details", [0, 1])
def test_a_frame_is_written_down(details):
    block, seen = Reporter(count_bits=9), {}

    async def written(ctx):
        async for _, _, write, address, data in ctx.tick().sample(
            block.write, block.address, block.data
        ):
            if write:
                assert address not in seen
                seen[address] = data

    async def pulse(ctx, name, bit=1, **values):
        for member, value in values.items():
            ctx.set(getattr(block, member), value)
        ctx.set(getattr(block, name), bit)
        await ctx.tick()
        ctx.set(getattr(block, name), 0)

    async def bench(ctx):
        ctx.set(block.details, details)
        await pulse(ctx, "load", load_address=3, load_data=0xBEEF)
        await pulse(ctx, "begin")
        for value in FRAME.features:
            await pulse(ctx, "feature", feature_value=value & 0xFFFF)
            await ctx.tick()
        await pulse(ctx, "x_done", x_count=FRAME.events[0])
        await pulse(ctx, "h_done", h_count=FRAME.events[1])
        for value in FRAME.outputs:
            await pulse(ctx, "output", output_value=value & 0xFFFF)
        fields = {"frame": 200, "label": 5, "heard": 1, "score": -7 & 0xFFFF}
        for number in range(3):
            await pulse(ctx, "status", 1 << number, **fields)
        await ctx.tick()

    simulator = Simulator(block)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.add_testbench(written, background=True)
    simulator.run()
    assert seen.pop(3) == 0xBEEF
    message = FRAME if details else Heard(frame=200, label=5, score=-7)
    body = encode(message)[4:-1]
    wanted = [int.from_bytes(body[place : place + 2], "little") for place in range(0, len(body), 2)]
    words = [seen[PAYLOAD + number] for number in range(len(seen))]
    shared = len(words) - 1
    assert words[:shared] == wanted[:shared]
    assert words[-1] == 2 + 2 * len(FRAME.features) + 2 + len(FRAME.outputs) + 2
