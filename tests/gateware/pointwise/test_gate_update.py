"""The pointwise arithmetic of every instruction of every cell."""

import numpy as np
import pytest
from block_bench import pipelined

from thresh.gateware.columns.multiplier import LogicMultiplier, Multiplier
from thresh.gateware.pointwise.activation import Function
from thresh.gateware.pointwise.gate_update import GateUpdate
from thresh.model import arithmetic
from thresh.model.cells import CELLS

INSTRUCTIONS = [op for cell in CELLS.values() for op in cell.program]
EDGES = (-1.0, -0.999, -0.5, -1e-4, 0.0, 1e-4, 0.5, 0.999, 0.99999)


def reference(op, accumulator, shift, a, b, c, bits):
    """Result, number of saturations and whether B changed; as the golden model, one value."""
    clips = 0
    value = b
    if op.accumulator:
        value, clipped = arithmetic.narrow(np.int64(accumulator), shift, bits)
        clips += int(clipped)
    addend = c if op.c else 0
    if op.lerp:
        value = value - addend
    if op.a:
        value = arithmetic.shift_round(np.int64(a) * value, op.shift(bits))
    value, clipped = arithmetic.saturate(np.int64(value + addend), bits)
    clips += int(clipped)
    result = arithmetic.FUNCTIONS[op.function](value, bits)
    return int(result), clips, int(value != b)


@pytest.mark.parametrize("multiplier", [Multiplier, LogicMultiplier])
@pytest.mark.parametrize("bits", [8, 11, 16])
@pytest.mark.parametrize("shift", [0, 1, 9, 15])
def test_equals_the_arithmetic_of_every_instruction(bits, shift, multiplier):
    random, one = np.random.default_rng(bits + shift), 1 << (bits - 1)
    count = 400
    ops = [INSTRUCTIONS[n] for n in random.integers(0, len(INSTRUCTIONS), count)]

    def mixed(low, high):
        values = random.integers(low, high, count)
        edges = (random.choice(EDGES, count) * high).astype(np.int64)
        return np.clip(np.where(random.random(count) < 0.4, edges, values), low, high - 1)

    # Accumulators around the range of the pre-activation, and across the whole 32 bits.
    near = min(31, bits + shift + 1)
    accumulator = np.where(
        random.random(count) < 0.7, mixed(-(1 << near), 1 << near), mixed(-(1 << 31), 1 << 31)
    )
    a, b, c = random.integers(0, one + 1, count), mixed(-one, one), mixed(-one, one)
    lerp = np.array([op.lerp for op in ops])
    # What is interpolated lies in the state's range, as it does in every cell.
    b, c = np.where(lerp, b // 2, b), np.where(lerp, c // 2, c)

    unit = GateUpdate(value_bits=bits, multiplier=multiplier)
    operations = [
        {
            "accumulator": op.accumulator,
            "multiply": op.a is not None,
            "add": op.c is not None,
            "lerp": op.lerp,
            "to_pre": op.to_pre,
            "function": Function[op.function.upper()],
        }
        for op in ops
    ]
    late = unit.OPERANDS
    drives = [
        (unit.operation, 0, operations),
        (unit.valid, 0, [1] * count),
        (unit.accumulator, 0, accumulator.tolist()),
        (unit.shift, 0, [shift] * count),
        (unit.a, late, a.tolist()),
        (unit.b, late, b.tolist()),
        (unit.c, late, c.tolist()),
    ]
    outputs = [
        (unit.result, unit.latency),
        (unit.changed, unit.changed_latency),
        (unit.saturated, 0),
        (unit.saturated_twice, 0),
    ]
    result, changed, once, twice = pipelined(unit, drives, outputs, unit.latency)
    wanted = np.array(
        [reference(op, accumulator[n], shift, a[n], b[n], c[n], bits) for n, op in enumerate(ops)]
    )
    np.testing.assert_array_equal(result, wanted[:, 0])
    np.testing.assert_array_equal(changed, wanted[:, 2])
    # Saturations appear some cycles later: all that belong to the first instructions are seen.
    settled = count - unit.latency
    assert once.sum() + twice.sum() >= wanted[:settled, 1].sum() > 0
    assert once.sum() + twice.sum() <= wanted[:, 1].sum()


def test_nothing_saturates_without_a_valid_instruction():
    unit = GateUpdate(value_bits=8)
    drives = [(unit.accumulator, 0, [1 << 30] * 30), (unit.operation, 0, [{"accumulator": 1}] * 30)]
    (saturated,) = pipelined(unit, drives, [(unit.saturated, 0)], unit.latency)
    assert not saturated.any()
