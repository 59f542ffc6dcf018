"""`UartTransmitter` and `UartReceiver`: bytes over one wire, each way and back to back."""

from itertools import pairwise

import cocotb
import numpy as np

from .bench_support import SHAPE, Block

DIVISOR = SHAPE.get("divisor", 8)
EDGES = [0x00, 0xFF, 0x55, 0xAA, 0xC0, 0xDB, 0x01, 0x80]


def data_of(random: np.random.Generator, count: int) -> list[int]:
    """Edges and ``count`` random bytes."""
    return [*EDGES, *random.integers(0, 256, count).tolist()]


def bits_of(byte: int, length: float, *, stop: int = 1) -> list[int]:
    """The line, cycle by cycle, during a byte whose bits last ``length`` cycles."""
    bits = [0, *(byte >> n & 1 for n in range(8)), stop]
    ends = [round(length * n) for n in range(11)]
    return [bit for n, bit in enumerate(bits) for _ in range(ends[n + 1] - ends[n])]


def decode(line: list[int]) -> list[tuple[int, int]]:
    """(cycle, byte) of every byte on a line; every bit must last `DIVISOR` cycles."""
    found, cycle = [], 0
    while cycle < len(line):
        if line[cycle]:
            cycle += 1
            continue
        levels = [set(line[cycle + n * DIVISOR : cycle + (n + 1) * DIVISOR]) for n in range(10)]
        assert all(len(level) == 1 for level in levels), f"a bit is torn at cycle {cycle}"
        bits = [level.pop() for level in levels]
        assert bits[0] == 0, f"no start bit at cycle {cycle}"
        assert bits[9] == 1, f"no stop bit at cycle {cycle}"
        found.append((cycle, sum(bit << n for n, bit in enumerate(bits[1:9]))))
        cycle += 10 * DIVISOR
    return found


async def record(block: Block, line: list[int]) -> None:
    """Append the transmitter's line, cycle by cycle."""
    while True:
        await block.tick()
        line.append(block.get("tx"))


async def take(block: Block, came: list[int], stalls: np.random.Generator | None) -> None:
    """Take what the receiver offers, with ``stalls`` shorter than a byte; it must hold."""
    offered, left = None, 0
    while True:
        block.set(o_ready=left == 0)
        await block.tick()
        if not block.get("o_valid"):
            offered, left = None, int(stalls.integers(0, 9 * DIVISOR)) if stalls else 0
            continue
        byte = block.get("o_payload")
        assert offered in (None, byte), f"the byte {offered:#x} became {byte:#x}"
        offered = byte
        if left == 0:
            came.append(byte)
            offered = None
        left = max(0, left - 1)


async def receive(dut, line: list[int], stalls: np.random.Generator | None = None) -> list[int]:
    """What the receiver makes of a line, given cycle by cycle."""
    block = await Block.start(dut, "receiver", rx=1, o_ready=1)
    came: list[int] = []
    taking = cocotb.start_soon(take(block, came, stalls))
    for level in [*line, *[1] * 12 * DIVISOR]:
        block.set(rx=level)
        await block.tick()
    taking.cancel()
    return came


@cocotb.test()
@cocotb.parametrize(gaps=[False, True])
async def transmits_every_byte(dut, gaps) -> None:
    """Ten whole bits a byte; without gaps at most one cycle comes between two."""
    random, line = np.random.default_rng(6), []
    data = data_of(random, 30)
    pauses = random.integers(0, 12 * DIVISOR, len(data)) if gaps else [0] * len(data)
    block = await Block.start(dut, "transmitter", i_valid=0, i_payload=0)
    await block.until(lambda: block.get("i_ready"), "i_ready")
    recording = cocotb.start_soon(record(block, line))
    await block.send("i", data, map(int, pauses))
    for _ in range(12 * DIVISOR):
        await block.tick()
    recording.cancel()
    found = decode(line)
    assert [byte for _, byte in found] == data
    if not gaps:
        assert max(after - before for (before, _), (after, _) in pairwise(found)) <= (
            10 * DIVISOR + 1
        )


@cocotb.test()
@cocotb.parametrize(gaps=[False, True], stalls=[False, True], error=[-0.03, 0.0, 0.03])
async def receives_every_byte(dut, gaps, stalls, error) -> None:
    """From a clock that is a little off, and into a sink that lets it wait."""
    random = np.random.default_rng(7)
    data = data_of(random, 3)
    line = [1] * 4
    for byte in data:
        line += bits_of(byte, DIVISOR * (1 + error))
        line += [1] * (1 + (int(random.integers(0, 9 * DIVISOR)) if gaps else 0))
    assert await receive(dut, line, random if stalls else None) == data


@cocotb.test()
async def drops_a_byte_without_a_stop_bit_and_recovers(dut) -> None:
    """Neither it nor what follows until the line is high is a byte."""
    line = [1] * 20 + bits_of(0x37, DIVISOR, stop=0) + [0] * 30 + [1] * 16
    assert await receive(dut, line + bits_of(0x42, DIVISOR)) == [0x42]


@cocotb.test()
async def ignores_a_glitch(dut) -> None:
    """A start bit that ends before its middle."""
    line = [1] * 20 + [0] * (DIVISOR // 2 - 1) + [1] * 20
    assert await receive(dut, line + bits_of(0x42, DIVISOR)) == [0x42]


@cocotb.test()
async def a_byte_that_is_not_taken_gives_way_to_the_next(dut) -> None:
    """The newest byte waits."""
    block = await Block.start(dut, "receiver", rx=1, o_ready=0)
    for level in [1, 1, *bits_of(0x12, DIVISOR), 1, *bits_of(0x34, DIVISOR), *[1] * DIVISOR]:
        block.set(rx=level)
        await block.tick()
    assert (block.get("o_valid"), block.get("o_payload")) == (1, 0x34)
    block.set(o_ready=1)
    await block.tick()
    await block.tick()
    assert not block.get("o_valid")


@cocotb.test()
async def every_byte_survives_the_wire_back_to_back(dut) -> None:
    """The transmitter's line is the receiver's."""
    sender = await Block.start(dut, "transmitter", i_valid=0, i_payload=0)
    receiver, came = Block(dut, "receiver"), []
    receiver.set(rx=1, o_ready=1)

    async def wire() -> None:
        while True:
            await sender.tick()
            receiver.set(rx=sender.get("tx"))

    tasks = [cocotb.start_soon(wire()), cocotb.start_soon(take(receiver, came, None))]
    await sender.send("i", range(256), [0] * 256)
    for _ in range(12 * DIVISOR):
        await sender.tick()
    for task in tasks:
        task.cancel()
    assert came == list(range(256))
