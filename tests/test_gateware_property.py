"""Random small networks and inputs: the Amaranth simulation equals the golden model."""

from functools import cache, partial

import numpy as np
import pytest
from amaranth.hdl import Module, Signal
from core_driver import CoreDriver
from hypothesis import given, settings
from hypothesis import strategies as st
from random_networks import bursts, gaps, networks, run_examples

from thresh.gateware.column_memory import ColumnMemory
from thresh.gateware.mac_lane import MacLane
from thresh.gateware.multiplier import LogicMultiplier
from thresh.gateware.primitives import Primitives
from thresh.hw.families import FAMILIES
from thresh.hw.ice40 import DspMacPair
from thresh.model.geometry import Geometry

FAST_EXAMPLES, SLOW_EXAMPLES = {4: 10, 8: 10, 16: 5, 32: 3}, 200
"""Per geometry, of which there are eleven; fast ones by lanes."""


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
    "slow": Primitives(column_memory=SlowMemory, mac_lane=SlowLane, multiplier=LogicMultiplier),
}

GEOMETRIES = [
    # lanes, serial, weight_bits, value_bits, primitives
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
]


@cache
def driver(lanes, serial, weight_bits, value_bits, board):
    """One simulation per geometry; networks are loaded one after another."""
    shape = Geometry(
        lanes=lanes,
        serial=serial,
        weight_bits=weight_bits,
        value_bits=value_bits,
        weight_depth=2048,
        accumulator_depth=512,
        state_depth=512,
        value_depth=64,
    )
    return CoreDriver(shape, BOARDS[board])


@st.composite
def cases(draw, geometry):
    """A network and two sequences, each in bursts of steps with gaps before the inputs."""
    network = draw(networks(geometry))
    return network, bursts(draw, network, lambda part: gaps(part.size))


def check(simulation, network, runs):
    """Run and compare every integer after every burst."""
    simulation.load(network)
    comparison = simulation.comparison(network)
    for number, parts in enumerate(runs):
        simulation.new_sequence()
        comparison.new_sequence()
        step = 0
        for x, pauses in parts:
            simulation.burst(x, pauses)
            for values in x:
                comparison.advance(values)
            step += len(x)
            comparison.compare(simulation.observe(), f"sequence {number}, after step {step - 1}")
            assert not comparison.mismatches, comparison.first_difference


def run(shape, examples, repeatable):
    simulation = driver(*shape)
    run_examples(
        cases(simulation.geometry), partial(check, simulation), examples, repeatable=repeatable
    )


@pytest.mark.parametrize("shape", GEOMETRIES, ids=lambda shape: "-".join(map(str, shape)))
def test_small_networks_agree_in_every_integer(shape):
    lanes, *_ = shape
    run(shape, FAST_EXAMPLES[lanes], repeatable=True)


@pytest.mark.slow
@pytest.mark.parametrize("shape", GEOMETRIES, ids=lambda shape: "-".join(map(str, shape)))
def test_two_thousand_small_networks_agree_in_every_integer(shape):
    run(shape, SLOW_EXAMPLES, repeatable=False)


def test_extreme_accumulators_are_reached():
    """The strategies reach both ends of the accumulator, so that overflow would be seen."""
    largest = []

    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(networks(driver(*GEOMETRIES[0]).geometry))
    def collect(network):
        largest.append(max(int(layer.largest_accumulator.max()) for layer in network.layers))

    collect()
    assert max(largest) > (1 << 31) - (1 << 24)
    assert np.median(largest) > 1 << 20
