"""Bytes over one wire, both ways."""

import pytest
from amaranth import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import Out
from block_bench import refusal, simulate
from serial_bits import bits_of

from thresh.gateware.link.uart import UartReceiver, UartTransmitter

DATA = bytes([0x00, 0xFF, 0x55, 0xAA, 0xC0, 0xDB, 0x01, 0x80, 0x37])


def receive(divisor, levels):
    """What a receiver makes of (level, cycles) pairs; a list of bytes."""
    unit, came = UartReceiver(divisor=divisor), []

    async def drive(ctx):
        ctx.set(unit.o.ready, 1)
        for level, cycles in levels:
            ctx.set(unit.rx, level)
            for _ in range(cycles):
                _, _, valid, byte = await ctx.tick().sample(unit.o.valid, unit.o.payload)
                if valid:
                    came.append(byte)

    simulate(unit, drive)
    return came


@pytest.mark.parametrize("divisor", [3, 4, 5, 48])
@pytest.mark.parametrize("gap", [0, 1, 30])
def test_transmits_a_start_bit_eight_bits_and_a_stop_bit(divisor, gap):
    unit, line = UartTransmitter(divisor=divisor), []

    async def drive(ctx):
        for byte in DATA:
            ctx.set(unit.i.payload, byte)
            ctx.set(unit.i.valid, 1)
            await ctx.tick().until(unit.i.ready)
            ctx.set(unit.i.valid, 0)
            await ctx.tick().repeat(1 + gap)
        await ctx.tick().repeat(12 * divisor)

    async def listen(ctx):
        while len(line) < len(DATA):
            while ctx.get(unit.tx):
                await ctx.tick()
            levels = []
            for _ in range(10):
                levels.append({ctx.get(unit.tx)})
                for _ in range(divisor - 1):
                    await ctx.tick()
                    levels[-1].add(ctx.get(unit.tx))
                if len(levels) < 10:
                    await ctx.tick()
            assert all(len(level) == 1 for level in levels)
            bits = [level.pop() for level in levels]
            assert (bits[0], bits[9]) == (0, 1)
            line.append(sum(bit << n for n, bit in enumerate(bits[1:9])))
            await ctx.tick()

    simulate(unit, drive, listen)
    assert bytes(line) == DATA


@pytest.mark.parametrize(
    ("divisor", "error"), [(4, 0), (5, 0), (16, 0.03), (16, -0.03), (48, 0.04)]
)
def test_receives_from_a_clock_that_is_a_little_off(divisor, error):
    levels = [(1, 20)]
    for byte in DATA:
        levels += [*bits_of(byte, divisor * (1 + error)), (1, 2)]
    assert receive(divisor, [*levels, (1, 20)]) == list(DATA)


def test_drops_a_byte_without_a_stop_bit_and_recovers():
    levels = [(1, 20), *bits_of(0x37, 8, stop=0), (0, 30), (1, 16), *bits_of(0x42, 8), (1, 20)]
    assert receive(8, levels) == [0x42]


def test_ignores_a_glitch():
    assert receive(16, [(1, 20), (0, 5), (1, 200), *bits_of(0x42, 16), (1, 20)]) == [0x42]


class Loop(wiring.Component):
    """A transmitter wired to a receiver."""

    def __init__(self, divisor):
        self.transmitter, self.receiver = (
            UartTransmitter(divisor=divisor),
            UartReceiver(divisor=divisor),
        )
        super().__init__({"idle": Out(1)})

    def elaborate(self, platform):
        m = Module()
        m.submodules.transmitter, m.submodules.receiver = self.transmitter, self.receiver
        m.d.comb += self.receiver.rx.eq(self.transmitter.tx)
        return m


def test_every_byte_survives_the_wire_back_to_back():
    loop, came = Loop(4), []

    async def send(ctx):
        for byte in range(256):
            ctx.set(loop.transmitter.i.payload, byte)
            ctx.set(loop.transmitter.i.valid, 1)
            await ctx.tick().until(loop.transmitter.i.ready)
        ctx.set(loop.transmitter.i.valid, 0)

    async def listen(ctx):
        ctx.set(loop.receiver.o.ready, 1)
        while len(came) < 256:
            _, _, valid, byte = await ctx.tick().sample(
                loop.receiver.o.valid, loop.receiver.o.payload
            )
            if valid:
                came.append(byte)

    simulate(loop, send, listen)
    assert came == list(range(256))


def test_a_receiver_refuses_bits_that_are_too_short():
    with refusal("A bit must last at least 4 clock cycles, not 3"):
        UartReceiver(divisor=3)
