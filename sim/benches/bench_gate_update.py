"""`GateUpdate`: every instruction of every cell, one a cycle."""

import cocotb
import numpy as np

from thresh.model import arithmetic
from thresh.model.cells import CELLS, Instruction
from thresh.model.network import MAX_SHIFT

from .bench_support import SHAPE, Block
from .script import Script, pack

INSTRUCTIONS = [op for cell in CELLS.values() for op in cell.program]
COUNT = 1500


def operation(op: Instruction) -> int:
    """The instruction as a flat `thresh.gateware.pointwise.gate_update.OPERATION`."""
    flags = (op.accumulator, op.a is not None, op.c is not None, op.lerp, op.to_pre)
    return pack(*((flag, 1) for flag in flags), (SHAPE["functions"][op.function.upper()], 2))


def reference(
    op: Instruction, accumulator: int, shift: int, a: int, b: int, c: int, bits: int
) -> tuple[int, int, int]:
    """Result, saturations and whether B changed, as the golden model computes them."""
    value, clips, addend = np.int64(b), 0, c if op.c else 0
    if op.accumulator:
        value, clipped = arithmetic.narrow(np.int64(accumulator), shift, bits)
        clips += int(clipped)
    value = value - addend if op.lerp else value
    if op.a:
        value = arithmetic.shift_round(a * value, op.shift(bits))
    value, clipped = arithmetic.saturate(value + addend, bits)
    result = arithmetic.FUNCTIONS[op.function](value, bits)
    return int(result), clips + int(clipped), int(value != b)


def operands(random: np.random.Generator, op: Instruction, shift: int, bits: int) -> list[int]:
    """Accumulator, A, B and C: extremes, values around every limit, and any others."""
    one = 1 << (bits - 1)

    def some(limit: int) -> int:
        edges = (-limit, 1 - limit, -limit // 2, -1, 0, 1, limit // 2, limit - 2, limit - 1)
        return int(
            random.choice(edges) if random.random() < 0.3 else random.integers(-limit, limit)
        )

    wide = min(31, bits + shift + 1) if random.random() < 0.7 else 31
    a = int(random.choice((0, 1, one // 2, one - 1, one, random.integers(0, one + 1))))
    # What is interpolated lies in the state's range, as it does in every cell.
    b, c = (some(one) >> op.lerp for _ in range(2))
    return [some(1 << wide), a, b, c]


@cocotb.test()
@cocotb.parametrize(gaps=[False, True])
async def equals_the_arithmetic(dut, gaps) -> None:
    """Results and changes in their cycles; saturations of valid instructions, all of them.

    Some results are forced to another value, two cycles before they are due.
    """
    bits, latency = SHAPE["value_bits"], SHAPE["update_latency"]
    late, changed_at = SHAPE["update_operands"], SHAPE["update_changed"]
    random, script, cycle, clips = np.random.default_rng(2), Script(valid=0, force=0), 0, 0
    for _ in range(COUNT):
        op = INSTRUCTIONS[random.integers(len(INSTRUCTIONS))]
        shift = int(random.integers(0, MAX_SHIFT + 1))
        accumulator, a, b, c = operands(random, op, shift, bits)
        wanted, clipped, changed = reference(op, accumulator, shift, a, b, c, bits)
        script.drive(cycle, valid=1, operation=operation(op), accumulator=accumulator, shift=shift)
        script.drive(cycle + late, a=a, b=b, c=c)
        if random.random() < 0.1:
            wanted = int(random.integers(-1 << (bits - 1), 1 << (bits - 1)))
            script.drive(cycle + latency - 2, force=1, forced=wanted)
        script.want(cycle + latency, result=wanted)
        script.want(cycle + changed_at, changed=changed)
        clips += clipped
        cycle += 1 + (int(random.integers(0, 3)) if gaps else 0)
    block = await Block.start(
        dut, "update", valid=0, operation=0, accumulator=0, shift=0, a=0, b=0, c=0,
        force=0, forced=0,
    )  # fmt: skip
    for _ in range(2 * latency):  # what was under way before
        await block.tick()
    seen = [0]

    async def count() -> None:
        while True:
            await block.tick()
            seen[0] += block.get("saturated") + block.get("saturated_twice")

    counting = cocotb.start_soon(count())
    await block.play(script)
    for _ in range(latency):
        await block.tick()
    counting.cancel()
    assert seen[0] == clips > COUNT // 20, f"{seen[0]} saturations are counted, not {clips}"
