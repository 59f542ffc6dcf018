"""Sums leave through the lanes, and every pass begins at zero."""

import random

import pytest
from block_bench import run_cycles

from thresh.gateware.columns.chain_mac import ChainMAC

WORD = (1 << 32) - 1


def passes(lanes, counts, draw):
    """Events of each pass: a weight per lane, and a delta."""
    return [
        [
            (
                [draw.randint(-128, 127) for _ in range(lanes)],
                draw.randint(-(1 << 15), (1 << 15) - 1),
            )
            for _ in range(count)
        ]
        for count in counts
    ]


@pytest.mark.parametrize(("lanes", "pointwise_lanes"), [(4, 1), (8, 1), (8, 2), (16, 4)])
def test_every_pass_has_its_own_sum(lanes, pointwise_lanes):
    draw, beats = random.Random(lanes), lanes // pointwise_lanes
    unit = ChainMAC(lanes=lanes, pointwise_lanes=pointwise_lanes, weight_bits=8, value_bits=16)
    drive, leaves = [], []
    script = passes(lanes, [3, 0, 1, 7, 2, 0], draw)
    for events in script:
        for weights, delta in events:
            packed = sum((weight & 255) << 8 * lane for lane, weight in enumerate(weights))
            drive.append({"weights": packed, "delta": delta})
        if not events:
            drive.append({})
        drive[-1]["mark"] = 1
        rest = unit.mac_lane.latency - 1 + draw.randrange(4)
        drive += [{} for _ in range(rest)] + [{"take": 1}, {}]
        leaves.append(len(drive))
        drive += [{"shift": 1} for _ in range(beats)]
    fields = {"weights": 0, "delta": 0, "mark": 0, "take": 0, "shift": 0}
    drive = [fields | one for one in drive] + [fields] * 4
    # What is seen after a cycle is there in the next.
    sums = [0, *run_cycles(unit, drive, "sums")]
    for at, events in zip(leaves, script, strict=True):
        wanted = [
            sum(weights[lane] * delta for weights, delta in events) & WORD for lane in range(lanes)
        ]
        came = [
            sums[at + beat] >> 32 * number & WORD
            for beat in range(beats)
            for number in range(pointwise_lanes)
        ]
        assert came == wanted
        assert not sums[at + beats]
