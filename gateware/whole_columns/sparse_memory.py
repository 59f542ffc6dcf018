"""Sparse memory: weights and the rows between them, a word of every lane per cycle."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.columns.column_engine import column_access
from thresh.gateware.lib.delayed import delayed


class SparseMemory(wiring.Component):
    """Two `ColumnMemory` with the same addresses: one of weights, one of offsets between rows.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    column_memory : class
    init : sequence of int
        Words at power-up: one of weights, one of offsets, and so on.

    Members
    -------
    read_address : In
    weights, offsets : Out
    access : In(`column_access`)
        Odd addresses are offsets.
    """

    @staticmethod
    def word_latency(column_memory):
        """Cycles from an address to its words."""
        return 1 + column_memory.latency

    def __init__(self, *, geometry, column_memory, init):
        self.geometry = geometry
        self.column_memory = column_memory
        self.init = init
        self.depth = geometry.weight_depth // 2
        self.latency = self.word_latency(column_memory)
        width = geometry.weight_word_bits
        super().__init__(
            {
                "read_address": In(range(self.depth)),
                "weights": Out(width),
                "offsets": Out(width),
                "access": In(column_access(geometry)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        access, address = self.access, Signal(range(self.depth))
        m.d.sync += address.eq(Mux(access.select, access.address[1:], self.read_address))
        for number, (name, word) in enumerate((("weights", self.weights), ("rows", self.offsets))):
            m.submodules[name] = memory = self.column_memory(
                width=len(word), depth=self.depth, init=self.init[number::2]
            )
            m.d.comb += [
                memory.read_address.eq(address),
                memory.write_enable.eq(access.write & (access.write_address[0] == number)),
                memory.write_address.eq(access.write_address[1:]),
                memory.write_data.eq(access.write_data),
                word.eq(memory.read_data),
            ]
        odd = delayed(m, access.address[0], self.latency, "odd")[-1]
        m.d.comb += access.word.eq(Mux(odd, self.offsets, self.weights))
        return m
