"""`GateUpdate` as a script: every instruction of every cell, one a cycle."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from thresh.model import arithmetic
from thresh.model.cells import CELLS, Instruction
from thresh.model.network import MAX_SHIFT

from .activation_script import FORCED_BEFORE
from .script import Script, pack

INSTRUCTIONS = [op for cell in CELLS.values() for op in cell.program]


def reference(
    op: Instruction, accumulator: int, shift: int, a: int, b: int, c: int, bits: int
) -> tuple[int, tuple[bool, bool], bool]:
    """Result, whether accumulator and result were clipped, and whether B changed; as golden."""
    value, clipped, addend = np.int64(b), False, c if op.c else 0
    if op.accumulator:
        value, clipped = arithmetic.narrow(np.int64(accumulator), shift, bits)
    value = value - addend if op.lerp else value
    if op.a:
        value = arithmetic.shift_round(a * value, op.shift(bits))
    value, saturated = arithmetic.saturate(value + addend, bits)
    result = arithmetic.FUNCTIONS[op.function](value, bits)
    return int(result), (bool(clipped), bool(saturated)), bool(value != b)


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


def gate_update_script(
    *,
    bits: int,
    latencies: Mapping[str, int],
    functions: Mapping[str, int],
    random: np.random.Generator,
    count: int,
    gaps: bool = False,
    shifts: tuple[int, ...] = tuple(range(MAX_SHIFT + 1)),
) -> Script:
    """Results, changes and saturations in their cycles; nothing saturates without an instruction.

    Some results are forced to another value.

    Parameters
    ----------
    bits : int
        Of a value.
    latencies : mapping
        Cycles from an accumulator to ``operands``, ``changed`` and ``result``.
    functions : mapping
        Hardware numbers by name.
    random : numpy.random.Generator
    count : int
        Instructions.
    gaps : bool
        Cycles without an instruction come between them.
    shifts : tuple of int
        One of them narrows an instruction's accumulator.
    """
    script, cycle, clips = Script(valid=0, force=0), 0, Counter()
    script.drive(-1, operation=0, accumulator=0, shift=0, a=0, b=0, c=0, forced=0)
    operands_at, changed_at, result_at = (
        latencies[name] for name in ("operands", "changed", "result")
    )
    for _ in range(count):
        op = INSTRUCTIONS[random.integers(len(INSTRUCTIONS))]
        shift = int(random.choice(shifts))
        accumulator, a, b, c = operands(random, op, shift, bits)
        result, clipped, changed = reference(op, accumulator, shift, a, b, c, bits)
        flags = (op.accumulator, op.a is not None, op.c is not None, op.lerp, op.to_pre)
        operation = pack(*((flag, 1) for flag in flags), (functions[op.function.upper()], 2))
        script.drive(cycle, valid=1, operation=operation, accumulator=accumulator, shift=shift)
        script.drive(cycle + operands_at, a=a, b=b, c=c)
        if random.random() < 0.1:
            result = int(random.integers(-1 << (bits - 1), 1 << (bits - 1)))
            script.drive(cycle + result_at - FORCED_BEFORE, force=1, forced=result)
        script.want(cycle + result_at, result=result)
        script.want(cycle + changed_at, changed=changed)
        # The accumulator is clipped as an operand, the result a cycle before it is compared.
        for at, clip in zip((operands_at, changed_at - 1), clipped, strict=True):
            clips[cycle + at] += clip
        cycle += 1
        while gaps and random.random() < 0.5:
            # What comes without an instruction may be anything.
            script.drive(cycle, operation=1, accumulator=1 << 30)
            cycle += 1
    for at in range(cycle + changed_at):
        script.want(at, saturated=clips[at] > 0, saturated_twice=clips[at] > 1)
    assert clips.total() > count // 20
    return script
