"""A packet is held with its verdict until it is released."""

import pytest
from block_bench import simulate
from link_bench import geometry

from thresh.gateware.link.packet_inbox import RESULT_CYCLES, PacketInbox
from thresh.layout.link import Command, Fault, check, commit_payload, crc16, packet, slip_decode

IDENTIFY, STEP = packet(7, Command.IDENTIFY), packet(8, Command.STEP, bytes(6))
LAST = crc16(bytes((8, Command.STEP)) + bytes(6))
WRITTEN = 0x12345678
NONCE = 0xC0DB


def commit(sequence, complete, written):
    return packet(sequence, Command.COMMIT, commit_payload(complete, written))


VERDICTS = {
    "executed": (STEP, 1, 5, (0, 0, 0, 0), Command.STEP),
    "repeated": (STEP, 1, 8, (0, 1, 0, 0), Command.STEP),
    "only the number": (packet(8, 6, b"\1" + bytes(5)), 1, 8, (0, 0, 0, 0), Command.STEP),
    "written": (commit(9, 1, WRITTEN), 1, 5, (0, 0, 0, 0), Command.COMMIT),
    "incomplete": (commit(9, 0, 0), 1, 5, (0, 0, 0, 0), Command.COMMIT),
    "other low": (commit(9, 1, WRITTEN ^ 1), 1, 5, (0, 0, 1, Fault.CHECKSUM), Command.COMMIT),
    "other high": (commit(9, 1, WRITTEN ^ 1 << 31), 1, 5, (0, 0, 1, 6), Command.COMMIT),
    "no checksum": (packet(9, 4, b"\1"), 1, 5, (0, 0, 1, Fault.LENGTH), Command.COMMIT),
    "nonce": (packet(7, Command.IDENTIFY, b"ab"), 1, 5, (0, 0, 0, 0), Command.IDENTIFY),
    "half a nonce": (packet(7, 1, b"a"), 1, 5, (0, 0, 1, Fault.LENGTH), Command.IDENTIFY),
    "always executed": (IDENTIFY, 1, 7, (0, 0, 0, 0), Command.IDENTIFY),
    "damaged": (STEP[:3] + b"\x55" + STEP[4:], 1, 5, (1, 0, 0, 0), Command.STEP),
    "refused": (packet(9, Command.STEP, bytes(4)), 1, 5, (0, 0, 1, Fault.LENGTH), Command.STEP),
    "not loaded": (STEP, 0, 5, (0, 0, 1, Fault.NOT_LOADED), Command.STEP),
    "no command": (packet(9, 77), 1, 5, (0, 0, 1, Fault.COMMAND), None),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_the_verdict_is_there_in_time_and_stays(case):
    data, loaded, last, verdict, command = VERDICTS[case]
    unit, seen = PacketInbox(geometry=geometry()), []
    names = ("damaged", "repeated", "refused", "fault")

    async def bench(ctx):
        ctx.set(unit.loaded, loaded)
        ctx.set(unit.inputs_minus_1, 2)
        ctx.set(unit.o.answered, 1)
        ctx.set(unit.o.last_sequence, last)
        ctx.set(unit.o.last_check, LAST)
        ctx.set(unit.written, WRITTEN)
        for byte in data:
            ctx.set(unit.i.payload, byte)
            ctx.set(unit.i.valid, 1)
            await ctx.tick()
        ctx.set(unit.i.valid, 0)
        while not ctx.get(unit.o.held):
            await ctx.tick()
        await ctx.tick().repeat(RESULT_CYCLES)
        for _ in range(20):
            seen.append(tuple(ctx.get(getattr(unit.o, name)) for name in names))
            kinds = {
                kind for kind in Command if ctx.get(getattr(unit.o, f"is_{kind.name.lower()}"))
            }
            assert kinds == {command} - {None}
            await ctx.tick()
        ctx.set(unit.o.release, 1)
        await ctx.tick()
        assert not ctx.get(unit.o.held)

    simulate(unit, bench)
    assert set(seen) == {verdict}


@pytest.mark.parametrize(
    ("given", "taken"), [(NONCE, True), (0, False), (NONCE ^ 1, False), (NONCE ^ 0x8000, False)]
)
@pytest.mark.parametrize("command", [Command.STEP, Command.IDENTIFY])
def test_a_packet_of_another_host_is_a_damaged_one(command, given, taken):
    """But an IDENTIFY, which is plain."""
    if command == Command.IDENTIFY:
        taken = not given
    data = packet(8, command, bytes(6), given)
    assert (check(slip_decode(data[1:-1]), 0 if command == 1 else NONCE) is not None) == taken
    unit = PacketInbox(geometry=geometry())

    async def bench(ctx):
        ctx.set(unit.nonce, NONCE)
        for byte in data:
            ctx.set(unit.i.payload, byte)
            ctx.set(unit.i.valid, 1)
            await ctx.tick()
        ctx.set(unit.i.valid, 0)
        await ctx.tick().repeat(RESULT_CYCLES)
        assert ctx.get(unit.o.held)
        assert ctx.get(unit.o.damaged) == (not taken)

    simulate(unit, bench)


def test_a_break_drops_half_a_packet_and_keeps_a_whole_one():
    unit = PacketInbox(geometry=geometry())

    async def feed(ctx, data):
        for byte in data:
            ctx.set(unit.i.payload, byte)
            ctx.set(unit.i.valid, 1)
            await ctx.tick()
        ctx.set(unit.i.valid, 0)

    async def pause(ctx):
        await ctx.tick().repeat(4)
        ctx.set(unit.restart, 1)
        await ctx.tick()
        ctx.set(unit.restart, 0)
        await ctx.tick().repeat(RESULT_CYCLES)

    async def bench(ctx):
        for half in (STEP[:7], STEP[:3] + b"\xdb"):
            await feed(ctx, half)
            await pause(ctx)
            await feed(ctx, IDENTIFY[1:])  # without the END that ends noise
            await pause(ctx)
            assert (ctx.get(unit.o.held), ctx.get(unit.o.intact)) == (1, 1)
            await feed(ctx, STEP[:7])  # what comes meanwhile, up to the break
            await pause(ctx)
            assert (ctx.get(unit.o.held), ctx.get(unit.o.sequence)) == (1, 7)
            ctx.set(unit.o.release, 1)
            await ctx.tick()
            ctx.set(unit.o.release, 0)

    simulate(unit, bench)
