"""Commands from the line: what is understood is done once, what is damaged changes nothing."""

from amaranth.hdl import Module
from amaranth.sim import Simulator

from thresh.gateware.device.command_receiver import CommandReceiver
from thresh.gateware.link.uart import UartTransmitter
from thresh.layout.device_link import START, identify, listen, set_threshold


def received(pieces, *, busy=False):
    """(commands understood, thresholds, listening) after bytes of the line."""
    m = Module()
    m.submodules.commands = commands = CommandReceiver(bit_cycles=8)
    m.submodules.line = line = UartTransmitter(divisor=8)
    m.d.comb += commands.rx.eq(line.tx)
    understood, thresholds, listening = [], [], []

    async def host(ctx):
        ctx.set(commands.busy, busy)
        for byte in b"".join(pieces):
            ctx.set(line.i.payload, byte)
            ctx.set(line.i.valid, 1)
            await ctx.tick().until(line.i.ready)
            ctx.set(line.i.valid, 0)
        for _ in range(160):
            await ctx.tick()
        listening.append(ctx.get(commands.listening))

    async def core(ctx):
        ticks = ctx.tick().sample(commands.identify, commands.ask, commands.label, commands.value)
        async for _, _, known, ask, label, value in ticks:
            understood.append(known)
            if ask:
                thresholds.append((label, value))

    simulator = Simulator(m)
    simulator.add_clock(1e-6)
    simulator.add_testbench(host)
    simulator.add_testbench(core, background=True)
    simulator.run()
    return sum(understood), thresholds, listening[0]


def test_commands_are_understood():
    pieces = [identify(), listen(True), set_threshold(63, -2), set_threshold(5, 0x1234)]
    assert received(pieces) == (4, [(63, 0xFFFE), (5, 0x1234)], 1)


def test_listening_ends():
    assert received([listen(True), listen(False)]) == (2, [], 0)


def test_damage_and_noise_change_nothing():
    damaged = [bytearray(set_threshold(5, 0x1234)) for _ in range(6)]
    for place, one in enumerate(damaged):
        one[place] ^= 4
    pieces = [one for some in damaged for one in (bytes(some), bytes(8))]
    unknown = [bytes((START, 4, 0, 0, 0, 252)), bytes(6), bytes((START, 0, 0, 0, 0, 0)), bytes(6)]
    assert received([*pieces, *unknown]) == (0, [], 0)
    assert received([*pieces, b"\x00\xff", identify()]) == (1, [], 0)


def test_a_threshold_that_waits_is_not_overwritten():
    assert received([set_threshold(1, 2)], busy=True) == (0, [], 0)
