"""The receiver sees the same packets as the link's description in Python."""

import numpy as np
import pytest
from block_bench import simulate

from thresh.gateware.link.packet_receiver import PacketReceiver
from thresh.layout.link import END, ESCAPE, PacketCollector, check, packet

LIMIT = 32


def run(data, *, slow=False):
    """(intact, bytes) per packet held, each read back and released."""
    unit, packets = PacketReceiver(packet_bytes=LIMIT), []
    random = np.random.default_rng(0)

    async def bench(ctx):
        async def idle():
            await ctx.tick()

        for byte in data:
            ctx.set(unit.i.payload, byte)
            ctx.set(unit.i.valid, 1)
            await idle()
            ctx.set(unit.i.valid, 0)
            for _ in range(2 + (int(random.integers(4)) if slow else 0)):
                await idle()
            if not ctx.get(unit.held):
                continue
            length = ctx.get(unit.length)
            body = []
            for place in range(length):
                ctx.set(unit.read_address, place)
                await idle()
                await idle()
                body.append(ctx.get(unit.read_data))
            intact = ctx.get(unit.intact)
            if intact:
                head = [ctx.get(getattr(unit, name)) for name in ("sequence", "command")]
                assert head == body[:2]
                if length >= 8:
                    assert ctx.get(unit.region) == body[2]
                    assert ctx.get(unit.address) == body[3] | body[4] << 8
                    assert ctx.get(unit.count) == body[5]
            packets.append((intact, bytes(body)))
            ctx.set(unit.release, 1)
            await idle()
            ctx.set(unit.release, 0)
            await idle()

    simulate(unit, bench)
    return packets


def wanted(data):
    collected = PacketCollector(LIMIT).feed(data)
    return [body is not None and check(body) is not None for body in collected], collected


def agree(data, **options):
    came, (intact, bodies) = run(data, **options), wanted(data)
    assert [good for good, _ in came] == intact
    for (good, body), right in zip(came, bodies, strict=True):
        if good:
            assert body == right
    return intact


@pytest.mark.parametrize("slow", [False, True])
def test_whole_damaged_and_overlong_packets(slow):
    random, data = np.random.default_rng(1), b""
    for _ in range(60):
        payload = bytes(random.choice([0, 1, END, ESCAPE, 0xDC, 0xDD], random.integers(0, 36)))
        sent = bytearray(packet(int(random.integers(256)), int(random.integers(256)), payload))
        if random.random() < 0.3:
            sent[random.integers(1, len(sent))] ^= 1 << int(random.integers(8))
        data += bytes(sent)
    intact = agree(data, slow=slow)
    assert {True, False} <= set(intact)


def test_any_noise():
    random = np.random.default_rng(2)
    noise = bytes(random.choice([END, ESCAPE, 0xDC, 0xDD, 0, 1, 2], 600).astype(np.uint8))
    agree(noise + packet(1, 2, b"abc"))


@pytest.mark.parametrize("size", [LIMIT - 5, LIMIT - 4, LIMIT - 3])
def test_the_longest_packet_exactly(size):
    assert agree(packet(1, 2, bytes(size))) == [size <= LIMIT - 4]


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_too_few_bytes_are_no_packet(size):
    assert agree(bytes((END,)) + bytes(range(1, size + 1)) + bytes((END,))) == [False] * (size > 0)


def test_bytes_that_come_while_a_packet_is_held_spoil_only_the_packet_they_belong_to():
    unit = PacketReceiver(packet_bytes=LIMIT)
    first, second, third = packet(1, 2, b"one"), packet(2, 2, b"two"), packet(3, 2, b"three")

    async def bench(ctx):
        async def send(data):
            for byte in data:
                ctx.set(unit.i.payload, byte)
                ctx.set(unit.i.valid, 1)
                await ctx.tick()
                ctx.set(unit.i.valid, 0)
                await ctx.tick().repeat(2)

        await send(first + second[:6])
        assert ctx.get(unit.held)
        assert ctx.get(unit.sequence) == 1
        ctx.set(unit.release, 1)
        await ctx.tick()
        ctx.set(unit.release, 0)
        await send(second[6:])
        assert not ctx.get(unit.held)
        await send(third)
        assert ctx.get(unit.held)
        assert ctx.get(unit.intact)
        assert ctx.get(unit.sequence) == 3

    simulate(unit, bench)
