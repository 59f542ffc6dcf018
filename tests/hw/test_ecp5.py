"""ECP5 primitives against their behavioural twins, cycle by cycle."""

import random

import pytest
from block_bench import run_cycles

from thresh.gateware.columns.column_memory import ColumnMemory
from thresh.gateware.columns.mac_lane import MacLane
from thresh.gateware.columns.multiplier import Multiplier
from thresh.hw import ecp5

CYCLES = 400


def assert_equal_but_for_latency(ours, twin, drive, output):
    late = ours.latency - twin.latency
    first = max(ours.latency, twin.latency)
    assert (
        run_cycles(ours, drive, output)[first + late :]
        == run_cycles(twin, drive, output)[first : -late or None]
    )


def extremes(bits):
    return [-(1 << (bits - 1)), (1 << (bits - 1)) - 1, -1, 0, 1]


@pytest.mark.parametrize(("weight_bits", "value_bits"), [(8, 16), (4, 8)])
def test_lane_equals_twin(weight_bits, value_bits):
    draw = random.Random(1)
    low, high = -(1 << (value_bits - 1)), (1 << (value_bits - 1)) - 1
    drive = [{"weight": w, "delta": d} for w in extremes(weight_bits) for d in extremes(value_bits)]
    drive += [
        {
            "weight": draw.choice(extremes(weight_bits)),
            "delta": draw.randint(low, high),
        }
        for _ in range(CYCLES)
    ]
    sizes = {"weight_bits": weight_bits, "value_bits": value_bits}
    assert_equal_but_for_latency(ecp5.DspMacLane(**sizes), MacLane(**sizes), drive, "accumulator")


def test_multiplier_equals_twin():
    draw = random.Random(2)
    drive = [{"a": a, "b": b} for a in (0, 1, 1 << 15) for b in extremes(16)]
    drive += [
        {"a": draw.randint(0, 1 << 15), "b": draw.randint(-(1 << 15), (1 << 15) - 1)}
        for _ in range(CYCLES)
    ]
    sizes = {"a_bits": 16, "b_bits": 16}
    assert_equal_but_for_latency(ecp5.DspMultiplier(**sizes), Multiplier(**sizes), drive, "product")


@pytest.mark.parametrize("depth", [2048, 5120])
def test_column_memory_equals_twin(depth):
    draw = random.Random(3)
    edges = [0, 2047, depth - 1, depth // 2, max(0, depth - 1024)]
    drive = []
    for _ in range(CYCLES):
        write, read = draw.sample([draw.choice(edges), draw.randrange(depth), 7], 2)
        drive.append(
            {
                "read_address": read,
                "write_address": write,
                "write_enable": int(read != write and draw.random() < 0.5),
                "write_data": draw.getrandbits(64),
            }
        )
    sizes = {"width": 64, "depth": depth, "init": [n * 0x9E3779B97F4A7C15 >> 3 for n in range(64)]}
    sizes["init"] = [word & (1 << 64) - 1 for word in sizes["init"]]
    assert_equal_but_for_latency(
        ecp5.BlockRamColumnMemory(**sizes), ColumnMemory(**sizes), drive, "read_data"
    )
