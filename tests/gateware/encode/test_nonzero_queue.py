"""Lists of two banks against lists in plain Python, cycle by cycle."""

import numpy as np
import pytest
from block_bench import play, simulate

from thresh.gateware.encode import event_memory
from thresh.gateware.encode.nonzero_queue import NonzeroQueue
from thresh.sim.benches.nonzero_queue_script import QueueScript, events, queue_steps

BITS, DEPTH = 12, 32


def script(seed=0, *, gaps=False):
    return QueueScript(
        value_bits=BITS,
        address_bits=(DEPTH - 1).bit_length(),
        random=np.random.default_rng(seed),
        gaps=gaps,
    )


def run(steps, *, depth=DEPTH):
    play(NonzeroQueue(value_bits=BITS, depth=depth), steps)


def fired(count):
    """A list in which every value fires."""
    return events(np.random.default_rng(count), count, 1.0, BITS)


@pytest.mark.parametrize("depth", [16, 32, 64])
@pytest.mark.parametrize("gaps", [False, True])
def test_every_list_of_random_steps_is_replayed_as_it_was_sent(depth, gaps):
    random = np.random.default_rng(depth + gaps)
    run(queue_steps(random, depth=depth, value_bits=BITS, gaps=gaps, steps=10), depth=depth)


@pytest.mark.parametrize("words", [8, 16, 32])
def test_deep_lists_lie_in_several_memories(words, monkeypatch):
    monkeypatch.setattr(event_memory, "MEMORY_WORDS", words)
    run(
        queue_steps(np.random.default_rng(words), depth=DEPTH, value_bits=BITS, gaps=True, steps=10)
    )


@pytest.mark.parametrize("latency", [1, 3])
def test_events_of_several_memories_come_after_the_latency(latency, monkeypatch):
    monkeypatch.setattr(event_memory, "MEMORY_WORDS", 8)
    queue = NonzeroQueue(value_bits=BITS, depth=DEPTH, read_latency=latency)
    seen = []

    async def replay(ctx):
        for n in range(DEPTH):
            marks = {"first": n == 0, "last": n == DEPTH - 1, "fires": 1, "hidden": 0}
            ctx.set(queue.i.payload, {"index": n, "delta": n + 1, **marks})
            ctx.set(queue.i.valid, 1)
            await ctx.tick()
        ctx.set(queue.i.valid, 0)
        for n in range(DEPTH + latency):
            ctx.set(queue.lists.address, n % DEPTH)
            seen.append(ctx.get(queue.event.delta))
            await ctx.tick()

    simulate(queue, replay)
    assert seen[latency:] == list(range(1, DEPTH + 1))


def test_one_bank_is_replayed_while_the_other_fills():
    steps = script()
    steps.new_sequence()
    steps.fill(fired(10), [], 0, 0, 0)
    for _ in range(4):
        bank = steps.parity
        steps.take()
        # The next inputs go to the other bank, the hidden events of this step to this one.
        steps.fill(fired(10), fired(20), 10, 1, bank)
        assert {key[0] for key in steps.kept} == {0, 1}
    run(steps)


@pytest.mark.parametrize("parts", [1, 2])
def test_a_full_bank_loses_nothing(parts):
    """More than a bank cannot come: a network has at most ``depth`` values to encode."""
    steps = script()
    steps.new_sequence()
    for _ in range(2):
        bank = steps.parity
        steps.fill(fired(DEPTH // parts), [], 0, 0, 0)
        steps.take()
        if parts == 2:
            steps.fill([], fired(DEPTH // 2), DEPTH // 2, 1, bank)
        steps.rest(3 * DEPTH)
    assert len(steps.kept) == 2 * DEPTH
    run(steps)


def test_a_list_without_an_event_that_fires_is_empty_and_complete():
    steps = script()
    steps.new_sequence()
    silent = events(np.random.default_rng(1), 9, 0.0, BITS)
    steps.fill(silent, silent, 9, 1, 0)
    steps.empty(2, 0)
    assert not steps.kept
    assert (steps.lengths[1], steps.lengths[2]) == (0, 0)
    run(steps)


def test_a_list_of_one_value_is_first_and_last():
    steps = script()
    steps.new_sequence()
    steps.fill(fired(1), fired(1), 1, 3, 1)
    steps.rest(10)
    run(steps)


def test_a_new_sequence_drops_the_lists_under_way_and_empties_all():
    steps = script(gaps=True)
    for number in range(3):
        steps.new_sequence()
        assert set(steps.lengths.values()) == {0}
        steps.fill(fired(6), fired(7), 6, 1 + number, steps.parity)
        steps.begin()  # never completed
    steps.new_sequence()
    steps.fill(fired(3), [], 0, 0, 0)
    run(steps)


def test_a_list_that_differs_is_found():
    steps = script()
    steps.new_sequence()
    steps.fill(fired(6), [], 0, 0, 0)
    index, delta = steps.kept[0, 3]
    steps.kept[0, 3] = (index, delta ^ 1)
    steps.rest(40)
    with pytest.raises(AssertionError, match=r"cycle \d+: event is \d+, not \d+"):
        run(steps)
