"""Words that a packet names are there, or are said not to be."""

import numpy as np
import pytest
from block_bench import play
from link_bench import geometry

from thresh.gateware.link.region_checker import RegionChecker
from thresh.layout.link import (
    MAX_READ_WORDS,
    PACKET_OVERHEAD,
    Region,
    region_words,
    word_bytes,
)
from thresh.sim.benches.script import Script

SHAPE = geometry()


@pytest.mark.parametrize("is_read", [0, 1])
def test_limits_of_every_region(is_read):
    random, script, now = np.random.default_rng(is_read), Script(is_read=is_read), 0
    most = SHAPE.packet_bytes - PACKET_OVERHEAD
    seen = set()
    for region in [*Region] * 6:
        size, words = word_bytes(region, SHAPE), region_words(region, SHAPE)
        count = int(random.choice([0, 1, most // size, min(most // size + 1, 255), 255]))
        data = int(random.integers(0, 8)) * size + int(random.choice([0, 0, 1]))
        wanted = count if is_read else data // size
        address = int(np.clip(words - wanted + random.integers(-1, 2), 0, 65535))
        script.drive(now, region=region, address=address, count=count, data_bytes=data)
        verdict = {
            "known": 1,
            "writable": region != Region.COUNTERS,
            "whole": data % size == 0,
            "fits": count <= min(most // size, MAX_READ_WORDS),
            "beyond": address + wanted > words,
        }
        script.want(now + 4, **verdict)
        seen |= set(verdict.items())
        now += 5
    for region in (max(Region) + 1, 0x80, 0xFF):
        script.drive(now, region=region)
        script.want(now + 4, known=0, writable=0)
        now += 5
    play(RegionChecker(geometry=SHAPE), script)
    assert {(name, value) for name in ("whole", "fits", "beyond") for value in (0, 1)} <= seen
