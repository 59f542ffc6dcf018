"""Words of every region go in and out byte by byte, the lowest first."""

import numpy as np
import pytest
from block_bench import play
from link_bench import geometry

from thresh.gateware.link.word_register import WordRegister
from thresh.layout.link import Region, word_bytes
from thresh.sim.benches.script import Script

SHAPE = geometry()


@pytest.mark.parametrize("region", Region)
def test_bytes_become_a_word_and_a_word_becomes_bytes(region):
    size, random = word_bytes(region, SHAPE), np.random.default_rng(region)
    script = Script(control_region=region, control_move=0, control_load=0, control_index=0)
    now = 4
    for _ in range(3):
        data = random.integers(0, 256, size)
        for number, byte in enumerate(data):
            script.drive(now, control_move=1, byte=int(byte))
            script.drive(now, control_index=number)
            script.want(now + 1, control_last=number == size - 1)
            now += 1
        word = int.from_bytes(bytes(data.tolist()), "little")
        script.want(now, control_word=word)
        script.drive(now, control_move=1, control_load=1, read_data=word)
        for number, byte in enumerate(data):
            now += 1
            # Only the lowest byte is looked at.
            script.want(now, control_word=int.from_bytes(bytes(data[number:].tolist()), "little"))
            script.drive(now, control_move=1, byte=0)
            assert word >> 8 * number & 0xFF == byte
        now += 3
    play(WordRegister(geometry=SHAPE), script)


def test_nothing_moves_without_a_move():
    script = Script(control_region=Region.TABLE, control_move=0, control_load=1, read_data=7)
    script.drive(3, control_move=1)
    for cycle in range(12):
        script.want(cycle, control_word=7 * (cycle > 3))
    play(WordRegister(geometry=SHAPE), script)
