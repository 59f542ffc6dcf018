"""The core as the boards build it: their latencies, and memories without collision logic.

Synthesis gives no memory a bypass, so what is read in the cycle of a write to the same word is
undefined on silicon. Here such a read gives wrong bits, and nothing may depend on it.
"""

import sys
from functools import partial
from types import SimpleNamespace

import core_driver
import pytest
from amaranth import *
from amaranth.lib.memory import Memory
from amaranth.sim import Simulator
from random_networks import run_examples
from simulated_stacks import cases, check

from thresh.gateware.columns.column_memory import ColumnMemory
from thresh.gateware.columns.mac_lane import MacLane
from thresh.gateware.primitives import Primitives
from thresh.hw import ecp5
from thresh.hw.families import FAMILIES
from thresh.hw.ice40 import DspMacLane, SpramColumnMemory
from thresh.layout.geometry import Geometry


class CollidingMemory(Memory):
    """A memory whose read data are inverted when the word was written in the same cycle."""

    made = 0

    def __init__(self, **options):
        super().__init__(**options)
        self.pairs = []
        CollidingMemory.made += 1

    def read_port(self, **options):
        port = super().read_port(**options)
        if options.get("domain") == "comb":  # Logic, which reads what was written before.
            return port
        self.pairs.append((port, Signal.like(port.data)))
        return SimpleNamespace(addr=port.addr, en=port.en, data=self.pairs[-1][1])

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = super().elaborate(platform)
        for port, data in self.pairs:
            hit = Signal()
            m.d.sync += hit.eq(
                Cat(write.en.any() & (write.addr == port.addr) for write in self.write_ports).any()
            )
            flipped = Mux(hit, ~Value.cast(port.data), port.data)
            m.d.comb += Value.cast(data).eq(flipped)
        return m


class SinglePortMemory(ColumnMemory):
    """What SPRAM does, by behaviour: one port, a register less, rubbish while writing."""

    latency = SpramColumnMemory.latency

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = Memory(shape=self.width, depth=self.depth, init=self.init)
        read, write = memory.read_port(), memory.write_port()
        wrote = Signal()
        m.d.sync += wrote.eq(self.write_enable)
        m.d.comb += [
            read.addr.eq(self.read_address),
            write.en.eq(self.write_enable),
            write.addr.eq(self.write_address),
            write.data.eq(self.write_data),
            self.read_data.eq(Mux(wrote, ~read.data, read.data)),
        ]
        return m


class LateLane(MacLane):
    """What the iCE40's lane does, by behaviour: a register more."""

    latency = DspMacLane.latency

    def elaborate(self, platform):
        m = Module()
        m.submodules.lane = lane = MacLane(weight_bits=self.weight_bits, value_bits=self.value_bits)
        m.d.comb += [lane.weight.eq(self.weight), lane.delta.eq(self.delta)]
        m.d.sync += self.accumulator.eq(lane.accumulator)
        return m


PRIMITIVES = {
    "ice40": Primitives(
        column_memory=SinglePortMemory,
        mac_lane=LateLane,
        multiplier=FAMILIES["ice40"].primitives.multiplier,
    ),
    "ecp5": FAMILIES["ecp5"].primitives,
}
SERIAL = {"ice40": 2, "ecp5": 4}


@pytest.fixture(params=PRIMITIVES)
def simulation(request, monkeypatch):
    for name, module in list(sys.modules.items()):
        if name.startswith("thresh.gateware.") and hasattr(module, "Memory"):
            monkeypatch.setattr(module, "Memory", CollidingMemory)
    monkeypatch.setattr(ecp5, "Memory", CollidingMemory)
    monkeypatch.setattr(core_driver, "TIMEOUT", 10_000)
    geometry = Geometry(
        lanes=16, pointwise_lanes=SERIAL[request.param], weight_depth=2048, accumulator_depth=512,
        state_depth=512, value_depth=64,
    )  # fmt: skip
    made = CollidingMemory.made
    driver = core_driver.CoreDriver(geometry, PRIMITIVES[request.param])
    assert CollidingMemory.made - made >= 15, "memories of the core were not replaced"
    return driver


@pytest.mark.parametrize(
    "examples", [8, pytest.param(150, marks=[pytest.mark.slow])], ids=["few", "many"]
)
def test_nothing_depends_on_a_read_that_collides(simulation, examples):
    run_examples(cases(simulation.geometry), partial(check, simulation), examples, repeatable=True)


def test_a_read_that_collides_is_inverted():
    m = Module()
    m.submodules.memory = memory = CollidingMemory(shape=8, depth=4, init=[0x12, 0x34])
    read, write = memory.read_port(), memory.write_port()
    m.d.comb += [write.en.eq(1), write.data.eq(0x55)]
    seen = []

    async def bench(ctx):
        for read_at, write_at in ((1, 0), (1, 1), (1, 2)):
            ctx.set(read.addr, read_at)
            ctx.set(write.addr, write_at)
            await ctx.tick()
            seen.append(ctx.get(read.data))

    simulator = Simulator(m)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    assert seen == [0x34, 0x34 ^ 0xFF, 0x55]
