"""Accumulation: a pass's sums are added to M."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.access import access_port
from thresh.gateware.lib.delayed import delayed
from thresh.model.arithmetic import ACCUMULATOR_BITS

from .delta_memory import DeltaMemory


class Accumulate(wiring.Component):
    """``M += sums``, S accumulators per cycle, `latency_of` cycles after their address.

    Parameters
    ----------
    pointwise_lanes, depth, read_latency : int

    Members
    -------
    address : In
    sums : In(S * 32)
        ``read_latency`` cycles after the address.
    accumulators : Out(S * 32), write : In(1)
        The new accumulators, and whether M takes them, `latency_of` cycles after the address.
    access : In(access port)
    """

    @staticmethod
    def latency_of(read_latency):
        """Cycles from an address to its accumulators."""
        return 1 + read_latency

    def __init__(self, *, pointwise_lanes, depth, read_latency=1):
        self.pointwise_lanes = pointwise_lanes
        self.depth = depth
        self.read_latency = read_latency
        self.latency = self.latency_of(read_latency)
        width = pointwise_lanes * ACCUMULATOR_BITS
        super().__init__(
            {
                "address": In(range(depth)),
                "sums": In(width),
                "accumulators": Out(width),
                "write": In(1),
                "access": In(access_port(depth, width)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = DeltaMemory(
            width=len(self.sums), depth=self.depth, read_latency=self.read_latency
        )
        wiring.connect(m, wiring.flipped(self.access), memory.access)
        for lane in range(self.pointwise_lanes):
            old = memory.read_data.word_select(lane, ACCUMULATOR_BITS)
            more = self.sums.word_select(lane, ACCUMULATOR_BITS)
            m.d.sync += self.accumulators.word_select(lane, ACCUMULATOR_BITS).eq(old + more)
        m.d.comb += [
            memory.read_address.eq(self.address),
            memory.write_enable.eq(self.write),
            memory.write_address.eq(delayed(m, self.address, self.latency, "address")[-1]),
            memory.write_data.eq(self.accumulators),
        ]
        return m
