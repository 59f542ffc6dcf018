"""Sums of passes are differences of captures, whatever the lanes have seen before."""

import numpy as np
import pytest
from block_bench import play

from thresh.gateware.columns.column_mac import ColumnMAC
from thresh.sim.benches.column_mac_script import MacScript

COUNTS = [5, 1, 0, 9, 0, 0, 2, 30, 1, 1]


def run(
    fill, lanes, pointwise_lanes, *, weight_bits=8, value_bits=16, captures=1, gaps=False,
    stalls=False,
):  # fmt: skip
    """Play what ``fill`` makes of a script."""
    shape = {
        "lanes": lanes, "pointwise_lanes": pointwise_lanes, "weight_bits": weight_bits,
        "captures": captures, "lead": int(captures > 1),
    }  # fmt: skip
    unit = ColumnMAC(value_bits=value_bits, **shape)
    script = MacScript(
        latency=unit.mac_lane.latency,
        random=np.random.default_rng(lanes),
        gaps=gaps,
        stalls=stalls,
        **shape,
    )
    play(unit, fill(script))
    return script


@pytest.mark.parametrize(("lanes", "pointwise_lanes"), [(4, 1), (8, 1), (8, 2), (16, 4), (32, 8)])
@pytest.mark.parametrize("captures", [1, 3, 5])
@pytest.mark.parametrize(("gaps", "stalls"), [(False, False), (True, False), (True, True)])
def test_every_pass_has_its_own_sum(lanes, pointwise_lanes, captures, gaps, stalls):
    run(
        lambda script: script.add_random(COUNTS, value_bits=16),
        lanes, pointwise_lanes, captures=captures, gaps=gaps, stalls=stalls,
    )  # fmt: skip


@pytest.mark.parametrize(("weight_bits", "value_bits"), [(4, 8), (4, 16), (8, 9)])
def test_other_widths(weight_bits, value_bits):
    run(
        lambda script: script.add_random([4, 7, 0, 3], value_bits=value_bits),
        8, 1, weight_bits=weight_bits, value_bits=value_bits,
    )  # fmt: skip


@pytest.mark.parametrize("with_event", [True, False])
def test_a_mark_ends_a_pass_with_its_event_or_before_it(with_event):
    weights, deltas = np.arange(1, 13).reshape(3, 4), np.array([100, 10, 1])

    def fill(script):
        for _ in range(3):
            script.add(weights, deltas, with_event=with_event)
            script.add(weights, -deltas, with_event=not with_event)
        return script

    run(fill, 4, 1)


def test_running_sums_may_overflow():
    run(lambda script: script.overflow(value_bits=16), 4, 1)


def test_passes_wait_where_there_are_captures_for_them():
    script = run(
        lambda script: script.add_random([1] * 12, value_bits=16), 16, 1, captures=5, stalls=True
    )
    waiting = [
        sum(since <= now < taken for since, taken in script.waits) for now in range(script.cycles)
    ]
    assert max(waiting) > 2


def test_a_sum_that_differs_is_found():
    def fill(script):
        script.add(np.ones((1, 4), np.int64), np.array([3]), with_event=True)
        script.want(script.waits[0][1] + 2, sums=4)
        return script

    with pytest.raises(AssertionError, match="sums is 3, not 4"):
        run(fill, 4, 1)
