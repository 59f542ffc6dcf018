"""Two blocks may be reserved, a third only after one was released."""

import numpy as np
from block_bench import play

from thresh.gateware.encode.block_credit import BLOCKS, BlockCredit
from thresh.sim.benches.script import Script


def test_credit_is_what_is_not_reserved():
    script, random, reserved = Script(reserve=0, release=0), np.random.default_rng(1), 0
    for cycle in range(300):
        reserve = int(reserved < BLOCKS and random.random() < 0.6)
        release = int(reserved > 0 and random.random() < 0.4)
        script.drive(cycle, reserve=reserve, release=release)
        reserved += reserve - release
        script.want(cycle + 1, credit=reserved < BLOCKS)
    play(BlockCredit(), script)


def test_two_blocks_may_be_reserved_at_once():
    script = Script(reserve=0, release=0)
    for cycle, credit in enumerate([1, 0]):
        script.drive(cycle, reserve=1)
        script.want(cycle + 1, credit=credit)
    script.drive(5, release=1)
    script.want(5, credit=0)
    script.want(6, credit=1)
    play(BlockCredit(), script)
