"""`PacketReceiver`: the packets that the link's description in Python sees, a byte a cycle."""

import cocotb
import numpy as np

from thresh.layout.link import END, ESCAPE, PacketCollector, check, crc16, packet, slip_encode

from .bench_support import SHAPE, Block

LIMIT = SHAPE.get("packet_bytes", 64)
HELD_AFTER = 2
"""Cycles from an END to the packet it ends."""
READ_CYCLES = 4
"""Cycles in which an address certainly becomes its byte."""


class Feeder:
    """Sends bytes and compares every packet with the collector's.

    Parameters
    ----------
    block : Block
    random : numpy.random.Generator or None
        Cycles without a byte come between bytes, and a packet is held for some time.
    """

    def __init__(self, block: Block, random: np.random.Generator | None) -> None:
        self.block = block
        self.random = random
        self.collector = PacketCollector(LIMIT)
        self.seen = {True: 0, False: 0}

    async def rest(self, cycles: int) -> None:
        """Some cycles without a byte."""
        for _ in range(cycles):
            await self.block.tick()

    async def put(self, byte: int) -> None:
        """Send a byte."""
        self.block.set(i_valid=1, i_payload=byte)
        await self.block.tick()
        self.block.set(i_valid=0)

    async def feed(self, data: bytes) -> None:
        """Send ``data``; a packet is read back and released before the next byte comes."""
        for byte in data:
            await self.put(byte)
            for body in self.collector.feed(bytes((byte,))):
                await self.packet(body)
            if self.random is not None:
                await self.rest(int(self.random.integers(0, 4)))

    async def packet(self, body: bytes | None) -> None:
        """The packet that has just ended."""
        block = self.block
        await self.rest(HELD_AFTER)
        await block.tick()
        assert block.get("held"), f"no packet is held {HELD_AFTER} cycles after its end"
        intact = body is not None and check(body) is not None
        assert block.get("intact") == intact, f"{body!r} is intact: {block.get('intact')}"
        self.seen[intact] += 1
        if self.random is not None:
            await self.rest(int(self.random.integers(0, 20)))
        if intact and body is not None:
            assert block.get("length") == len(body)
            assert [block.get("sequence"), block.get("command")] == list(body[:2])
            if len(body) >= 8:
                head = [block.get(name) for name in ("region", "address", "count")]
                assert head == [body[2], body[3] | body[4] << 8, body[5]]
            assert await self.read(len(body)) == body
        block.set(release=1)
        await block.tick()
        block.set(release=0)
        await block.tick()

    async def read(self, count: int) -> bytes:
        """The held packet's bytes."""
        data = []
        for address in range(count):
            self.block.set(read_address=address)
            await self.rest(READ_CYCLES)
            data.append(self.block.get("read_data"))
        return bytes(data)


async def start(dut, random: np.random.Generator | None = None) -> Feeder:
    """A receiver that waits for a packet."""
    block = await Block.start(dut, "packets", i_valid=0, i_payload=0, release=0, read_address=0)
    return Feeder(block, random)


@cocotb.test()
@cocotb.parametrize(gaps=[False, True])
async def whole_damaged_and_overlong_packets(dut, gaps) -> None:
    """Payloads full of bytes that are escaped; bits turned over anywhere."""
    random = np.random.default_rng(8)
    feeder = await start(dut, random if gaps else None)
    for _ in range(80):
        size = random.integers(0, LIMIT + 4)
        payload = bytes(random.choice([0, 1, END, ESCAPE, 0xDC, 0xDD], size).astype(np.uint8))
        sent = bytearray(packet(int(random.integers(256)), int(random.integers(256)), payload))
        if random.random() < 0.3:
            sent[random.integers(1, len(sent))] ^= 1 << int(random.integers(8))
        await feeder.feed(bytes(sent))
    assert min(feeder.seen.values()) > 20, feeder.seen


@cocotb.test()
async def any_noise(dut) -> None:
    """A packet is received after it."""
    random, feeder = np.random.default_rng(9), await start(dut)
    noise = random.choice([END, ESCAPE, 0xDC, 0xDD, 0, 1, 2], 1500).astype(np.uint8)
    await feeder.feed(bytes(noise) + packet(1, 2, b"abc"))
    assert feeder.seen[True] > 0


@cocotb.test()
async def the_longest_packet_exactly(dut) -> None:
    """A byte more is too long."""
    feeder = await start(dut)
    for size in (LIMIT - 5, LIMIT - 4, LIMIT - 3):
        await feeder.feed(packet(1, 2, bytes(size)))
    assert feeder.seen == {True: 2, False: 1}
    # What follows a whole packet without an END makes it too long, though its CRC was right.
    whole = packet(1, 2, bytes(LIMIT - 4))
    for more in (b"x", b"xyz"):
        await feeder.feed(whole[:-1] + more + whole[-1:])
    assert feeder.seen == {True: 2, False: 3}


@cocotb.test()
async def too_few_bytes_are_no_packet(dut) -> None:
    """Though their CRC is right."""
    feeder = await start(dut)
    for body in (b"", b"\x01", b"\x01\x02"):
        await feeder.feed(slip_encode(body + crc16(body).to_bytes(2, "big")))
    assert feeder.seen == {True: 1, False: 2}


@cocotb.test()
async def what_comes_while_a_packet_is_held_spoils_only_its_own_packet(dut) -> None:
    """The rest of a packet that began too early is no packet."""
    feeder = await start(dut)
    block = feeder.block
    first, second, third = (packet(number, 2, b"abcdef") for number in (1, 2, 3))
    for byte in first + second[:6]:
        await feeder.put(byte)
    await feeder.rest(4)
    assert (block.get("held"), block.get("sequence")) == (1, 1)
    block.set(release=1)
    await block.tick()
    block.set(release=0)
    for byte in second[6:]:
        await feeder.put(byte)
    await feeder.rest(4)
    assert not block.get("held")
    await feeder.feed(third)
    assert feeder.seen == {True: 1, False: 0}
