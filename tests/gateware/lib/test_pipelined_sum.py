"""Sums come as many cycles later as there are levels, and one."""

import numpy as np
import pytest
from block_bench import play

from thresh.gateware.lib.pipelined_sum import PipelinedSum
from thresh.sim.benches.script import Script, pack


@pytest.mark.parametrize("count", [1, 2, 8])
@pytest.mark.parametrize("width", [1, 2])
def test_equals_the_sum(count, width):
    random, script = np.random.default_rng(count), Script()
    block = PipelinedSum(count=count, width=width)
    for cycle in range(60):
        numbers = random.integers(0, 1 << width, count)
        if cycle % 7 == 0:
            numbers[:] = (1 << width) - 1
        script.drive(cycle, i=pack(*((number, width) for number in numbers)))
        script.want(cycle + block.latency, o=int(numbers.sum()))
    play(block, script)
    assert block.latency == 1 + int(np.log2(count))
