"""The open tools place, time and pack what an accelerator on a Gowin device is made of."""

import json

import pytest
from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.hw.flow.build import build_core
from thresh.hw.gowin import BsramColumnMemory, DspMacLane
from thresh.hw.known_boards import BOARDS


class Parts(wiring.Component):
    """Weights in block RAM, a memory in logic and a multiplier, addressed by what came in."""

    def __init__(self):
        super().__init__(
            {"rx": In(1), "tx": Out(1), "loaded": Out(1), "busy": Out(1), "fired": Out(1)}
        )

    def elaborate(self, platform):
        m = Module()
        line = Signal(24)
        m.d.sync += line.eq(Cat(self.rx, line))
        weights = BsramColumnMemory(width=16, depth=1024, init=[3, 5, 7])
        m.submodules.weights = weights
        m.submodules.short = short = Memory(shape=16, depth=32, init=[])
        m.submodules.lane = lane = DspMacLane(weight_bits=8, value_bits=16)
        read, write = short.read_port(), short.write_port()
        m.d.comb += [
            weights.read_address.eq(line[:10]),
            weights.write_address.eq(line[10:20]),
            weights.write_data.eq(line[4:20]),
            weights.write_enable.eq(line[20] & line[21]),
            read.addr.eq(line[:5]),
            write.addr.eq(line[5:10]),
            write.data.eq(weights.read_data),
            write.en.eq(line[22] & line[23]),
            lane.weight.eq(weights.read_data),
            lane.delta.eq(read.data),
        ]
        m.d.sync += self.tx.eq(lane.accumulator.xor())
        return m


@pytest.mark.slow
def test_parts_are_placed_timed_and_packed(tmp_path):
    result = build_core(BOARDS["tang-nano-20k"], Parts(), lanes=1, out_dir=tmp_path, seeds=(1,))
    used = {name: count["used"] for name, count in result.utilization.items()}
    assert (used["BSRAM"], used["MULT18X18"], used["rPLL"]) == (1, 1, 1)
    assert used["RAM16SDP4"] >= 8
    assert result.met, (result.fmax_mhz, result.critical_path)
    header = [line for line in result.bitstream.read_text().splitlines() if set(line) <= {*"01"}]
    assert f"{0x81B:032b}" in "".join(header[:4])
    report = json.loads((tmp_path / "seed1.report.json").read_text())
    assert report["fmax"]
