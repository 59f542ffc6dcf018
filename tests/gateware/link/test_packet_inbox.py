"""A packet is held with its verdict until it is released."""

import pytest
from block_bench import simulate
from link_bench import geometry

from thresh.gateware.link.packet_inbox import RESULT_CYCLES, PacketInbox
from thresh.layout.link import Command, Fault, packet

IDENTIFY, STEP = packet(7, Command.IDENTIFY), packet(8, Command.STEP, bytes(6))
VERDICTS = {
    "executed": (STEP, 1, 5, (0, 0, 0, 0), Command.STEP),
    "repeated": (STEP, 1, 8, (0, 1, 0, 0), Command.STEP),
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
