"""The plain dense design that skipping is compared with."""

import numpy as np
import pytest
from block_bench import simulate

from bench.hardware.dense_matvec import DenseLine, DenseMatvec
from thresh.gateware.primitives import Primitives
from thresh.hw.families import FAMILIES
from thresh.layout.geometry import Geometry
from thresh.sim.benches.uart_script import line_of

GEOMETRY = Geometry(
    lanes=8,
    pointwise_lanes=2,
    weight_depth=64,
    accumulator_depth=64,
    state_depth=64,
    value_depth=64,
)
BLOCKS, COLUMNS = 3, 9
DIVISOR = 8
"""Cycles per bit of the serial line."""


def multiply(primitives, weights, vectors):
    """What the design makes of each vector: y, and the cycles of the last one."""
    dut = DenseMatvec(geometry=GEOMETRY, primitives=primitives, blocks=BLOCKS, columns=COLUMNS)
    answers, cycles = [], 0

    async def bench(ctx):
        nonlocal cycles
        lanes, beats = GEOMETRY.lanes, GEOMETRY.beats
        for block in range(BLOCKS):
            for column in range(COLUMNS):
                rows = weights[block * lanes : (block + 1) * lanes, column]
                word = int.from_bytes(rows.astype(np.int8).tobytes(), "little")
                ctx.set(dut.w_address, block * COLUMNS + column)
                ctx.set(dut.w_data, word)
                ctx.set(dut.w_write, 1)
                await ctx.tick()
        ctx.set(dut.w_write, 0)
        for x in vectors:
            for column, value in enumerate(x):
                ctx.set(dut.x_address, column)
                ctx.set(dut.x_data, int(value))
                ctx.set(dut.x_write, 1)
                await ctx.tick()
            ctx.set(dut.x_write, 0)
            ctx.set(dut.start, 1)
            await ctx.tick()
            ctx.set(dut.start, 0)
            seen, cycles = [], 0
            while len(seen) < BLOCKS * beats:
                if ctx.get(dut.valid):
                    seen.append(ctx.get(dut.y))
                await ctx.tick()
                cycles += 1
                assert cycles < 1000
            data = b"".join(word.to_bytes(4 * GEOMETRY.pointwise_lanes, "little") for word in seen)
            answers.append(np.frombuffer(data, "<i4"))

    simulate(dut, bench)
    return answers, cycles


async def send(ctx, line, data):
    """Bytes to a serial line."""
    for byte in data:
        for level in line_of(byte, DIVISOR):
            ctx.set(line, level)
            await ctx.tick()


async def receive(ctx, line, count):
    """Bytes from a serial line."""
    data = bytearray()
    while len(data) < count:
        await ctx.tick().until(~line)
        await ctx.tick().repeat(DIVISOR // 2)
        byte = 0
        for n in range(8):
            await ctx.tick().repeat(DIVISOR)
            byte |= ctx.get(line) << n
        data.append(byte)
        await ctx.tick().until(line)
    return bytes(data)


@pytest.mark.parametrize("primitives", [Primitives(), FAMILIES["ecp5"].primitives])
def test_multiplies_every_column(primitives):
    random = np.random.default_rng(1)
    weights = random.integers(-128, 128, (BLOCKS * GEOMETRY.lanes, COLUMNS))
    vectors = random.integers(-32768, 32768, (3, COLUMNS))
    answers, cycles = multiply(primitives, weights, vectors)
    for x, y in zip(vectors, answers, strict=True):
        np.testing.assert_array_equal(y, weights @ x)
    assert cycles <= BLOCKS * COLUMNS + GEOMETRY.beats + 16


def test_answers_over_its_serial_line():
    random = np.random.default_rng(2)
    weights = random.integers(-128, 128, (BLOCKS * GEOMETRY.lanes, COLUMNS))
    vectors = random.integers(-32768, 32768, (2, COLUMNS))
    matvec = DenseMatvec(
        geometry=GEOMETRY, primitives=Primitives(), blocks=BLOCKS, columns=COLUMNS
    )  # fmt: skip
    dut = DenseLine(matvec=matvec, clock_hz=DIVISOR, baud=1)
    columns = weights.reshape(BLOCKS, GEOMETRY.lanes, COLUMNS).swapaxes(1, 2)
    answers = []

    async def bench(ctx):
        await send(ctx, dut.rx, columns.astype(np.int8).tobytes())
        assert ctx.get(dut.loaded)
        for x in vectors:
            await send(ctx, dut.rx, x.astype("<i2").tobytes())
            data = await receive(ctx, dut.tx, 4 * len(weights))
            answers.append(np.frombuffer(data, "<i4"))

    simulate(dut, bench)
    for x, y in zip(vectors, answers, strict=True):
        np.testing.assert_array_equal(y, weights @ x)


def test_refuses_what_it_cannot_hold():
    with pytest.raises(ValueError, match="columns must exceed 5, not 4"):
        DenseMatvec(geometry=GEOMETRY, primitives=Primitives(), blocks=1, columns=4)
    with pytest.raises(ValueError, match="must be at most 64, not 90"):
        DenseMatvec(geometry=GEOMETRY, primitives=Primitives(), blocks=9, columns=10)
