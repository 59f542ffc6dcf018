"""Events come back from any of several memories after the latency."""

import numpy as np
import pytest
from block_bench import play

from thresh.gateware.encode import event_memory
from thresh.gateware.encode.event_memory import EventMemory, stored_event
from thresh.sim.benches.script import Script

DEPTH = 32


@pytest.mark.parametrize("latency", [1, 3])
@pytest.mark.parametrize("words", [8, 32])
def test_what_was_written_is_read_after_the_latency(words, latency, monkeypatch):
    monkeypatch.setattr(event_memory, "MEMORY_WORDS", words)
    random, kept = np.random.default_rng(words + latency), {}
    script = Script(write_enable=0)
    for cycle in range(400):
        asked = int(random.integers(DEPTH))
        script.drive(cycle, read_address=asked)
        if asked in kept:
            script.want(cycle + latency, read_data=kept[asked])
        address, event = int(random.integers(DEPTH)), int(random.integers(1 << 12))
        if address != asked and random.random() < 0.7:
            script.drive(cycle, write_enable=1, write_address=address, write_data=event)
            kept[address] = event
    memory = EventMemory(shape=stored_event(7, 5), depth=DEPTH, read_latency=latency)
    play(memory, script)
    assert len(kept) == DEPTH
