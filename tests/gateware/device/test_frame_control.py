"""The order of a frame: nothing of the next one begins before it is over."""

from amaranth.sim import Simulator

from thresh.gateware.device.frame_control import QUIET_CYCLES, FrameControl

PULSES = (
    "introduce", "new_sequence", "begin", "feed", "read", "take", "batch_over", "report",
    "set_threshold",
)  # fmt: skip


def played(script):
    """(pulses in order, statuses) while ``script`` drives the block."""
    block, seen = FrameControl(), []

    async def watch(ctx):
        members = [getattr(block, name) for name in PULSES]
        async for _, _, status, *levels in ctx.tick().sample(block.status, *members):
            if status:
                seen.append(f"status {status}")
            seen.extend(name for name, level in zip(PULSES, levels, strict=True) if level)

    async def bench(ctx):
        await script(ctx, block)

    simulator = Simulator(block)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.add_testbench(watch, background=True)
    simulator.run()
    return seen


async def hold(ctx, member, cycles=1):
    ctx.set(member, 1)
    for _ in range(cycles):
        await ctx.tick()
    ctx.set(member, 0)


async def start(ctx, block, found=1):
    ctx.set(block.found, found)
    await ctx.tick()
    await hold(ctx, block.loaded, 8)
    assert ctx.get(block.booted)


async def frame(ctx, block, heard=0):
    """One frame, in which whoever is asked answers late."""
    ctx.set(block.batch, 1)
    ctx.set(block.heard, heard)
    while not ctx.get(block.feed):
        await ctx.tick()
    await ctx.tick()
    ctx.set(block.batch, 0)
    await hold(ctx, block.front_busy, 3)
    await hold(ctx, block.core_done)
    await hold(ctx, block.core_busy, 3)
    for _ in range(3):
        await ctx.tick()
    await hold(ctx, block.decided, 6)


START = ["introduce", "new_sequence"]
STEPS = ["begin", "feed", "read", "status 1", "status 2", "status 4", "take", "batch_over"]


def test_without_a_network_there_are_no_frames():
    async def script(ctx, block):
        await start(ctx, block, found=0)
        for _ in range(20):
            await ctx.tick()

    assert played(script) == ["introduce"]


def test_frames_follow_each_other():
    async def script(ctx, block):
        await start(ctx, block)
        ctx.set(block.room, 1)
        await frame(ctx, block)
        assert ctx.get(block.frame) == 1
        await frame(ctx, block, heard=1)
        ctx.set(block.room, 0)
        await frame(ctx, block, heard=1)
        assert ctx.get(block.frame) == 3

    assert played(script) == [*START, *STEPS, *STEPS, "report", *STEPS]


def test_who_begins_to_listen_hears_a_new_sequence():
    async def script(ctx, block):
        await start(ctx, block)
        ctx.set(block.room, 1)
        await frame(ctx, block)
        ctx.set(block.listening, 1)
        await frame(ctx, block)
        assert ctx.get(block.frame) == 1
        await frame(ctx, block)

    listened = [*STEPS, "report"]
    assert played(script) == [*START, *STEPS, "new_sequence", *listened, *listened]


def test_a_threshold_waits_for_the_end_of_a_frame():
    async def script(ctx, block):
        await start(ctx, block)
        ctx.set(block.threshold, 1)
        await ctx.tick()
        ctx.set(block.threshold, 0)
        await frame(ctx, block)

    assert played(script) == [*START, "set_threshold", *STEPS]


def test_a_frame_is_over_when_the_core_waits_for_more_features():
    async def script(ctx, block):
        await start(ctx, block)
        ctx.set(block.decided, 1)
        ctx.set(block.batch, 1)
        while not ctx.get(block.feed):
            await ctx.tick()
        await ctx.tick()
        ctx.set(block.batch, 0)
        await hold(ctx, block.front_busy, 3)
        for _ in range(QUIET_CYCLES + 8):
            await ctx.tick()
        assert ctx.get(block.faulty)
        assert ctx.get(block.frame) == 1

    assert played(script) == [*START, *STEPS]


def test_a_step_of_no_network_is_remembered():
    async def script(ctx, block):
        await start(ctx, block)
        await frame(ctx, block)
        assert not ctx.get(block.faulty)
        ctx.set(block.core_fault, 1)
        await frame(ctx, block)
        ctx.set(block.core_fault, 0)
        await frame(ctx, block)
        assert ctx.get(block.faulty)

    assert played(script) == [*START, *STEPS, *STEPS, *STEPS]
