# amaranth: UnusedElaboratable=no
"""The plain dense design that skipping is compared with."""

import sys
from pathlib import Path

import numpy as np
import pytest
from amaranth.sim import Simulator

from thresh.gateware.primitives import Primitives
from thresh.hw.families import FAMILIES
from thresh.model.geometry import Geometry

sys.path.insert(0, str(Path(__file__).parent.parent / "bench"))

from dense_matvec import DenseMatvec

GEOMETRY = Geometry(
    lanes=8, serial=2, weight_depth=64, accumulator_depth=64, state_depth=64, value_depth=64
)
BLOCKS, COLUMNS = 3, 9


def multiply(primitives, weights, vectors):
    """What the design makes of each vector: y, and the cycles of the last one."""
    dut = DenseMatvec(geometry=GEOMETRY, primitives=primitives, blocks=BLOCKS, columns=COLUMNS)
    answers, cycles = [], 0

    async def bench(ctx):
        nonlocal cycles
        lanes, vector = GEOMETRY.lanes, GEOMETRY.vector
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
            while len(seen) < BLOCKS * vector:
                if ctx.get(dut.valid):
                    seen.append(ctx.get(dut.y))
                await ctx.tick()
                cycles += 1
                assert cycles < 1000
            data = b"".join(word.to_bytes(4 * GEOMETRY.serial, "little") for word in seen)
            answers.append(np.frombuffer(data, "<i4"))

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    return answers, cycles


@pytest.mark.parametrize("primitives", [Primitives(), FAMILIES["ecp5"].primitives])
def test_multiplies_every_column(primitives):
    random = np.random.default_rng(1)
    weights = random.integers(-128, 128, (BLOCKS * GEOMETRY.lanes, COLUMNS))
    vectors = random.integers(-32768, 32768, (3, COLUMNS))
    answers, cycles = multiply(primitives, weights, vectors)
    for x, y in zip(vectors, answers, strict=True):
        np.testing.assert_array_equal(y, weights @ x)
    assert cycles <= BLOCKS * COLUMNS + GEOMETRY.vector + 16


def test_refuses_what_it_cannot_hold():
    with pytest.raises(ValueError, match="columns must exceed 5, not 4"):
        DenseMatvec(geometry=GEOMETRY, primitives=Primitives(), blocks=1, columns=4)
    with pytest.raises(ValueError, match="must be at most 64, not 90"):
        DenseMatvec(geometry=GEOMETRY, primitives=Primitives(), blocks=9, columns=10)
