"""Three operands a cycle, results, and words from outside."""

import numpy as np
import pytest
from block_bench import play

from thresh.gateware.pointwise.state_memory import OPERANDS, StateMemory
from thresh.sim.benches.script import Script

DEPTH = 16


@pytest.mark.parametrize("latency", [1, 3])
def test_results_are_read_as_operands(latency):
    random, kept = np.random.default_rng(latency), {}
    script = Script(result_valid=0, access_enable=0, access_write=0)
    for cycle in range(300):
        for name in OPERANDS:
            asked = int(random.integers(DEPTH))
            # Read when the result that is under way is not its.
            if kept.get(asked, (cycle,))[0] < cycle:
                script.drive(cycle, **{f"{name}_address": asked})
                script.want(cycle + 1 + latency, **{name: kept[asked][1]})
        address, word = int(random.integers(DEPTH)), int(random.integers(1 << 10))
        script.drive(cycle, result_address=address)
        if random.random() < 0.5:
            script.drive(cycle + 1, result_valid=1, result=word)
            kept[address] = (cycle + 1, word)
    play(StateMemory(width=10, depth=DEPTH, read_latency=latency), script)
    assert len(kept) == DEPTH


@pytest.mark.parametrize("latency", [1, 3])
def test_words_from_outside_come_by_way_of_the_results(latency):
    script, now = Script(result_valid=0, access_enable=1, access_write=0), 3
    for address in range(DEPTH):
        script.drive(now, access_address=address, access_write=1)
        script.drive(now + 1, access_address=address)
        script.drive(now + 2, result=100 + address)
        now += 4
    for address in range(DEPTH):
        script.drive(now, access_address=address)
        script.want(now + 1 + latency, access_read_data=100 + address)
        now += 1
    play(StateMemory(width=10, depth=DEPTH, read_latency=latency), script)
