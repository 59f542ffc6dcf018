"""Accumulators are narrowed as the arithmetic does it."""

import numpy as np
import pytest
from block_bench import pipelined

from thresh.gateware.pointwise.narrow import Narrow
from thresh.model import arithmetic
from thresh.model.network import MAX_SHIFT


@pytest.mark.parametrize("bits", [8, 16])
def test_equals_the_arithmetic_around_every_limit(bits):
    unit, random = Narrow(value_bits=bits), np.random.default_rng(bits)
    shifts = np.arange(MAX_SHIFT + 1).repeat(60)
    limit = np.int64(1) << np.minimum(31, bits - 1 + shifts)
    near = random.choice([-1, 1], len(shifts)) * limit + random.integers(-3, 4, len(shifts))
    halves = random.integers(-limit, limit) | (np.int64(1) << np.maximum(shifts, 1) - 1)
    wide = random.integers(-(1 << 31), 1 << 31, len(shifts))
    accumulators = np.choose(random.integers(0, 3, len(shifts)), [near, halves, wide])
    accumulators = np.clip(accumulators, -(1 << 31), (1 << 31) - 1)
    drives = [(unit.accumulator, 0, accumulators.tolist()), (unit.shift, 0, shifts.tolist())]
    outputs = [(unit.pre, unit.latency), (unit.clips, unit.latency - 1)]
    pre, clips = pipelined(unit, drives, outputs, unit.latency)
    wanted = [
        arithmetic.narrow(accumulator, int(shift), bits)
        for accumulator, shift in zip(accumulators, shifts, strict=True)
    ]
    assert pre.tolist() == [int(value) for value, _ in wanted]
    assert clips.tolist() == [int(clipped) for _, clipped in wanted]
    assert 0 < clips.sum() < len(clips)
