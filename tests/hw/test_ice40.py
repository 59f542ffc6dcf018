"""iCE40 primitives against their behavioural twins, through the vendor's cell models."""

import json
import random
import re
import subprocess

import pytest
from amaranth import *
from amaranth.back import rtlil
from block_bench import run_cycles
from vendor_models import VendorBench

from thresh.gateware.columns.chain_lane import ChainLane
from thresh.gateware.columns.column_memory import ColumnMemory
from thresh.gateware.columns.mac_lane import MacLane
from thresh.hw.families import FAMILIES
from thresh.hw.ice40 import DspChainLane, DspMacLane, DspMacPair, SpramColumnMemory
from thresh.layout.geometry import Geometry
from thresh.tools.toolchain import find_tool

WORD = (1 << 32) - 1
LANES = {
    "lane8": {"weight_bits": 8, "value_bits": 16},
    "lane4": {"weight_bits": 4, "value_bits": 8},
}
MEMORIES = {
    "memory": {"width": 64, "depth": 1 << 14},
    "rows": {"width": 32, "depth": 1 << 15},
    "tower": {"width": 16, "depth": 3 << 14},
}


@pytest.fixture(scope="module")
def vendor(tmp_path_factory):
    components = {name: DspMacLane(**sizes) for name, sizes in LANES.items()}
    components |= {name: SpramColumnMemory(**sizes) for name, sizes in MEMORIES.items()}
    components["pair"] = DspMacPair(**LANES["lane4"])
    components["chained"] = DspChainLane(**LANES["lane8"])
    return VendorBench(components, ("SB_MAC16", "SB_SPRAM256KA"), tmp_path_factory.mktemp("vendor"))


@pytest.mark.parametrize("name", LANES)
def test_lane_equals_twin(name, vendor):
    weight_bits, value_bits = LANES[name].values()
    draw = random.Random(weight_bits)
    weights = [-(1 << (weight_bits - 1)), (1 << (weight_bits - 1)) - 1, -1, 0, 1]
    deltas = [-(1 << (value_bits - 1)), (1 << (value_bits - 1)) - 1, -1, 0, 1]
    drive = [{"weight": weight, "delta": delta} for weight in weights for delta in deltas]
    drive += [
        {
            "weight": draw.randint(weights[0], weights[1]),
            "delta": draw.choice([*deltas, draw.randint(deltas[0], deltas[1])]),
        }
        for _ in range(2000)
    ]
    ours = vendor.run(name, drive, "accumulator")
    twin = [value & WORD for value in run_cycles(MacLane(**LANES[name]), drive, "accumulator")]
    late = DspMacLane.latency - MacLane.latency
    # Sums may start anywhere: only differences count.
    assert [(value - ours[3]) & WORD for value in ours[3 + late :]] == [
        (value - twin[3 - late]) & WORD for value in twin[3:-late]
    ]


def test_chained_lane_equals_twin(vendor):
    draw, late = random.Random(4), DspChainLane.latency - ChainLane.latency
    operands = [
        {"weight": draw.randint(-128, 127), "delta": draw.randint(-(1 << 15), (1 << 15) - 1)}
        for _ in range(2000)
    ]
    loads = [
        {"shift": int(draw.random() < 0.2 or not number), "behind": draw.getrandbits(32)}
        for number in range(2000)
    ]
    # A lane takes a sum at once, and a product the later the more registers it has.
    early = [one | load for one, load in zip(operands, loads, strict=True)]
    ahead = [{"weight": 0, "delta": 0} | load for load in loads[:late]]
    ahead += [one | load for one, load in zip(operands, loads[late:], strict=False)]
    ours = vendor.run("chained", early, "accumulator")
    twin = [value & WORD for value in run_cycles(ChainLane(**LANES["lane8"]), ahead, "accumulator")]
    assert ours[10:] == twin[10:]


@pytest.mark.parametrize(
    ("formats", "lane"),
    [((4, 8, 256), DspMacPair), ((4, 8, 512), DspMacLane), ((4, 9, 256), DspMacLane),
     ((8, 8, 256), DspMacLane)],
)  # fmt: skip
def test_lanes_are_paired_where_their_sums_have_room(formats, lane):
    weight_bits, value_bits, value_depth = formats
    shape = Geometry(
        lanes=16, weight_bits=weight_bits, value_bits=value_bits, weight_depth=1024,
        accumulator_depth=256, state_depth=256, value_depth=value_depth,
    )  # fmt: skip
    assert FAMILIES["ice40"].primitives.lane_of(shape) is lane


def test_pair_equals_two_twins(vendor):
    draw = random.Random(2)
    extremes = [(-8, -8), (7, 7), (-8, 7), (7, -8), (0, -1)]
    drive = [(*pair, delta) for pair in extremes for delta in [-128] * 300 + [127] * 300]
    drive += [
        (
            draw.randint(-8, 7),
            draw.randint(-8, 7),
            draw.choice((-128, 127, draw.randint(-128, 127))),
        )
        for _ in range(2000)
    ]
    joined = [{"weight": low & 15 | (high & 15) << 4, "delta": d} for low, high, d in drive]
    ours = vendor.run("pair", joined, "accumulator")
    late, mask = DspMacPair.latency - MacLane.latency, (1 << DspMacPair.sum_bits) - 1
    for number in range(2):
        alone = [{"weight": one[number], "delta": one[2]} for one in drive]
        twin = run_cycles(MacLane(**LANES["lane4"]), alone, "accumulator")
        sums = [value >> number * DspMacPair.sum_bits for value in ours]
        assert [(value - sums[3]) & mask for value in sums[3 + late :]] == [
            (value - twin[3 - late]) & mask for value in twin[3:-late]
        ]


@pytest.mark.parametrize("name", MEMORIES)
def test_column_memory_equals_twin(name, vendor):
    width, depth = MEMORIES[name].values()
    draw = random.Random(3)
    ends = [0, 1, *range(0x1FFF, depth, 0x2000), *range(0x2000, depth, 0x2000)]
    used = [*ends, *(draw.randrange(depth) for _ in range(20))]
    drive = [
        {"read_address": used[0], "write_enable": 1, "write_address": address, "write_data": data}
        for address in used
        for data in (draw.getrandbits(width),)
    ]
    for _ in range(1000):
        drive.append(
            {
                "read_address": draw.choice(used),
                "write_enable": int(draw.random() < 0.2),
                "write_address": draw.choice(used),
                "write_data": draw.getrandbits(width),
            }
        )
    ours = vendor.run(name, drive, "read_data")
    twin = run_cycles(ColumnMemory(**MEMORIES[name]), drive, "read_data")
    late = ColumnMemory.latency - SpramColumnMemory.latency
    defined = [n for n in range(len(drive) - late) if not drive[n]["write_enable"]]
    assert len(defined) > 700
    assert [ours[n] for n in defined] == [twin[n + late] for n in defined]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"width": 40}, "width must be a multiple of 16 up to 64, not 40"),
        ({"width": 128}, "not 128"),
        ({"depth": 32768}, "depth must be 2 to 16384 for 64 bits, not 32768"),
        ({"width": 32, "depth": 65536}, "depth must be 2 to 32768 for 32 bits, not 65536"),
        ({"init": [1]}, "cannot initialise"),
    ],
)
def test_refuses_what_the_device_lacks(changed, words):
    with pytest.raises(ValueError, match=words):
        SpramColumnMemory(**MEMORIES["memory"] | changed)


class _LaneAndMemory(Elaboratable):
    def __init__(self):
        self.address, self.delta, self.o = Signal(14), Signal(signed(16)), Signal(32)

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = SpramColumnMemory(width=16, depth=16384)
        m.submodules.lane = lane = DspMacLane(weight_bits=8, value_bits=16)
        m.d.comb += [
            memory.read_address.eq(self.address),
            lane.weight.eq(memory.read_data[:8]),
            lane.delta.eq(self.delta),
            self.o.eq(lane.accumulator),
        ]
        return m


def test_synthesis_keeps_clock_and_registers(tmp_path):
    design = _LaneAndMemory()
    text = rtlil.convert(design, ports=[design.address, design.delta, design.o])
    (tmp_path / "top.il").write_text(text)
    script = "read_rtlil top.il; synth_ice40 -device u -top top; write_json top.json"
    subprocess.run(
        [*find_tool("yosys"), "-q", "-p", script], cwd=tmp_path, check=True, capture_output=True
    )
    top = json.loads((tmp_path / "top.json").read_text())["modules"]["top"]
    clock = top["ports"]["clk"]["bits"]
    cells = {cell["type"]: cell for cell in top["cells"].values()}
    assert cells["SB_MAC16"]["connections"]["CLK"] == clock
    assert cells["SB_MAC16"]["connections"]["CE"] == ["1"]
    assert cells["SB_SPRAM256KA"]["connections"]["CLOCK"] == clock
    registers = {
        name: int(value, 2)
        for name, value in cells["SB_MAC16"]["parameters"].items()
        if re.search(r"_REG\d?$", name) and name not in ("C_REG", "D_REG")
    }
    assert len(registers) == 6
    assert set(registers.values()) == {1}
