"""A word's events leave in the cycles that follow, one by one."""

import numpy as np
import pytest
from block_bench import simulate

from thresh.gateware.encode.event_serializer import EventSerializer

BITS, ADDRESS = 6, 6


def run(lanes, words):
    """Cycles in which words were taken, events (cycle, index, delta, first, last), and closings."""
    unit = EventSerializer(value_bits=BITS, address_bits=ADDRESS, pointwise_lanes=lanes)
    taken, events, closed, now = [], [], [], 0

    async def bench(ctx):
        nonlocal now
        waiting = list(words)
        for now in range(200):
            ctx.set(unit.i.valid, bool(waiting))
            if waiting:
                deltas, row, first, last, closes = waiting[0]
                ctx.set(
                    unit.i.payload,
                    {
                        "word": {
                            "deltas": sum((d & 0x3F) << BITS * n for n, d in enumerate(deltas)),
                            "fires": sum((d != 0) << n for n, d in enumerate(deltas)),
                            "row": row, "hidden": 1, "first": first, "last": last, "closes": closes,
                        },
                        "count": sum(d != 0 for d in deltas),
                    },
                )  # fmt: skip
            _, _, ready, valid, event, ends = await ctx.tick().sample(
                unit.i.ready, unit.o.valid, unit.o.payload, unit.closed
            )
            if waiting and ready:
                taken.append(now)
                waiting.pop(0)
            if valid:
                assert event.hidden
                delta = event.delta if event.fires else None
                events.append((now, event.index, delta, event.first, event.last))
            if ends:
                closed.append(now)

    simulate(unit, bench)
    return taken, events, closed


def test_a_word_takes_a_cycle_per_event_and_at_least_one():
    words = [([3, 0, -4, 5], 0, 1, 0, 0), ([0] * 4, 1, 0, 0, 0), ([0, 7, 0, 0], 2, 0, 1, 1)]
    taken, events, closed = run(4, words)
    assert taken == [0, 3, 4]
    assert events == [(2, 0, 3, 1, 0), (3, 2, -4, 0, 0), (4, 3, 5, 0, 0), (6, 9, 7, 0, 1)]
    assert closed == [5]


def test_the_first_and_the_last_word_of_a_list_give_an_event_that_does_not_fire():
    _, events, _ = run(2, [([0, 0], 0, 1, 0, 0), ([0, 0], 1, 0, 0, 0), ([0, 0], 2, 0, 1, 0)])
    assert [(delta, first, last) for _, _, delta, first, last in events] == [
        (None, 1, 0), (None, 0, 1),
    ]  # fmt: skip


@pytest.mark.parametrize("lanes", [2, 4, 8])
def test_every_delta_leaves_with_its_index(lanes):
    random = np.random.default_rng(lanes)
    rows = random.integers(-31, 32, (6, lanes)) * (random.random((6, lanes)) < 0.5)
    _, events, _ = run(lanes, [(row.tolist(), n, 0, 0, 0) for n, row in enumerate(rows)])
    index = np.flatnonzero(rows)
    assert [event[1:3] for event in events] == list(zip(index, rows.flat[index], strict=True))
