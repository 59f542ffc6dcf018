"""Sums are added to M, lane by lane, modulo 2**32."""

import numpy as np
import pytest
from block_bench import play

from thresh.gateware.pointwise.accumulate import Accumulate
from thresh.sim.benches.script import Script, pack

LANES, DEPTH = 2, 8


@pytest.mark.parametrize("latency", [1, 3])
def test_m_is_the_sum_of_what_was_added(latency):
    random, m = np.random.default_rng(latency), np.zeros((DEPTH, LANES), np.int64)
    script, block = (
        Script(write=0, access_enable=0, access_write=0),
        Accumulate(pointwise_lanes=LANES, depth=DEPTH, read_latency=latency),
    )
    for number in range(6 * DEPTH):
        address, now = number % DEPTH, number
        sums = random.integers(-(1 << 31), 1 << 31, LANES)
        writes = int(random.random() < 0.8)
        script.drive(now, address=address)
        script.drive(now + latency, sums=pack(*((value, 32) for value in sums)))
        script.drive(now + block.latency, write=writes)
        new = m[address] + sums
        script.want(now + block.latency, accumulators=pack(*((value, 32) for value in new)))
        if writes:
            m[address] = new
    now = 7 * DEPTH
    for address in range(DEPTH):
        script.drive(now, access_enable=1, access_address=address)
        script.want(now + latency, access_read_data=pack(*((value, 32) for value in m[address])))
        now += 1
    play(block, script)
