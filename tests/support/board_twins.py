"""Primitives that boards have or might have, by name, and geometries that use them."""

from amaranth.hdl import Module, Signal

from thresh.gateware.columns.chain_lane import ChainLane
from thresh.gateware.columns.column_memory import ColumnMemory
from thresh.gateware.columns.mac_lane import MacLane
from thresh.gateware.columns.multiplier import LogicMultiplier
from thresh.gateware.primitives import Primitives
from thresh.hw.families import FAMILIES
from thresh.hw.ice40 import DspMacPair


class SlowMemory(ColumnMemory):
    """A weight memory with one more register."""

    latency = ColumnMemory.latency + 1

    def elaborate(self, platform):
        m = Module()
        m.submodules.inner = inner = ColumnMemory(
            width=self.width, depth=self.depth, init=self.init
        )
        for name in ("read_address", "write_enable", "write_address", "write_data"):
            m.d.comb += getattr(inner, name).eq(getattr(self, name))
        m.d.sync += self.read_data.eq(inner.read_data)
        return m


class SlowLane(MacLane):
    """A lane with one more register."""

    latency = MacLane.latency + 1

    def elaborate(self, platform):
        m = Module()
        m.submodules.inner = inner = MacLane(
            weight_bits=self.weight_bits, value_bits=self.value_bits
        )
        weight, delta = Signal.like(self.weight), Signal.like(self.delta)
        m.d.sync += [weight.eq(self.weight), delta.eq(self.delta)]
        m.d.comb += [
            inner.weight.eq(weight),
            inner.delta.eq(delta),
            self.accumulator.eq(inner.accumulator),
        ]
        return m


class PairTwin(MacLane):
    """Two lanes in one component, with narrow sums, as the UP5K's `DspMacPair`."""

    products, sum_bits = DspMacPair.products, DspMacPair.sum_bits

    def elaborate(self, platform):
        m = Module()
        for number in range(self.products):
            lane = MacLane(weight_bits=self.weight_bits, value_bits=self.value_bits)
            m.submodules += lane
            m.d.comb += [
                lane.weight.eq(self.weight.word_select(number, self.weight_bits)),
                lane.delta.eq(self.delta),
                self.accumulator.word_select(number, self.sum_bits).eq(lane.accumulator),
            ]
        return m


BOARDS = {
    "default": Primitives(),
    "logic": Primitives(multiplier=LogicMultiplier),
    "registered": Primitives(read_latency=2, captures=3),
    "slowest": Primitives(
        column_memory=SlowMemory,
        mac_lane=SlowLane,
        multiplier=LogicMultiplier,
        read_latency=2,
        captures=5,
    ),
    "ecp5": FAMILIES["ecp5"].primitives,
    "pairs": Primitives(mac_pair=PairTwin, multiplier=LogicMultiplier),
    "chained": Primitives(captures=0, mac_lane=ChainLane, multiplier=LogicMultiplier),
    "slow": Primitives(column_memory=SlowMemory, mac_lane=SlowLane, multiplier=LogicMultiplier),
}

GEOMETRIES = [
    # lanes, pointwise_lanes, weight_bits, value_bits, primitives
    (4, 1, 8, 16, "default"),
    (4, 1, 8, 8, "slow"),
    (8, 1, 8, 16, "logic"),
    (16, 2, 8, 12, "registered"),
    (8, 1, 4, 9, "registered"),
    (16, 1, 8, 16, "default"),
    (16, 4, 8, 11, "ecp5"),
    (16, 2, 4, 16, "slowest"),
    (32, 8, 8, 16, "ecp5"),
    (32, 1, 4, 13, "logic"),
    (16, 1, 4, 8, "pairs"),
    (8, 1, 8, 16, "chained"),
    (16, 4, 8, 12, "chained"),
]
