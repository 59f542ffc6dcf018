"""Two readers of one table, a header at hand, and words from outside."""

import numpy as np
import pytest
from block_bench import play

from thresh.gateware.control.layer_table import HEADER_BASE, LayerTable
from thresh.layout.image import HEADER_FIELDS
from thresh.sim.benches.script import Script


@pytest.mark.parametrize("latency", [1, 2])
def test_both_readers_and_the_header_see_what_was_written(latency):
    random, now = np.random.default_rng(latency), 0
    words = random.integers(0, 1 << 16, HEADER_BASE + len(HEADER_FIELDS)).tolist()
    script = Script(access_enable=0, access_write=0)
    for address, word in enumerate(words):
        for cycle in (now, now + 1):
            script.drive(cycle, access_enable=1, access_address=address, access_write_data=word)
        script.drive(now, access_write=1)
        now += 2
    for number, name in enumerate(HEADER_FIELDS):
        script.want(now + 1, **{name: words[HEADER_BASE + number]})
    for address in range(HEADER_BASE):
        other = HEADER_BASE - 1 - address
        script.drive(now, walker_address=address, pointwise_address=other)
        script.want(now + latency, walker_word=words[address], pointwise_word=words[other])
        now += 1
    for address in (0, 7, HEADER_BASE, HEADER_BASE + 3):
        script.drive(now, access_enable=1, access_address=address)
        script.want(now + latency, access_read_data=words[address])
        now += 1
    play(LayerTable(read_latency=latency), script)


def test_a_network_may_be_there_from_power_up():
    words = list(range(100, 100 + HEADER_BASE + len(HEADER_FIELDS)))
    script = Script()
    script.want(0, **{name: words[HEADER_BASE + n] for n, name in enumerate(HEADER_FIELDS)})
    script.drive(0, walker_address=5)
    script.want(1, walker_word=words[5])
    play(LayerTable(init=words), script)
