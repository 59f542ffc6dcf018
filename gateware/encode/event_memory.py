"""Event memory: columns and deltas of events, in as many memories as are fast."""

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.delayed import delayed
from thresh.gateware.lib.memory_shape import MemoryShape
from thresh.gateware.lib.read_word import read_word
from thresh.layout.sizes import ceil_div

MEMORY_WORDS = 2048
"""Words of a memory behind which a block RAM's own register can lie: a deeper one is chosen from
first."""


def stored_event(value_bits, address_bits):
    """Column and delta of an event."""
    return data.StructLayout({"index": address_bits, "delta": signed(value_bits)})


class EventMemory(wiring.Component):
    """A write and a read per cycle, never of one address at once.

    Parameters
    ----------
    shape : Layout
        Of an event.
    depth, read_latency : int

    Members
    -------
    write_enable, write_address, write_data : In
    read_address : In, read_data : Out
        After ``read_latency`` cycles.
    """

    def __init__(self, *, shape, depth, read_latency):
        self.shape = shape
        self.depth = depth
        self.read_latency = read_latency
        super().__init__(
            {
                "write_enable": In(1),
                "write_address": In(range(depth)),
                "write_data": In(shape),
                "read_address": In(range(depth)),
                "read_data": Out(shape),
            }
        )

    @staticmethod
    def memories(*, shape, depth):
        """The memories, as many as are fast."""
        count = ceil_div(depth, MEMORY_WORDS)
        return [MemoryShape(bits=shape.size, words=min(depth, MEMORY_WORDS))] * count

    def elaborate(self, platform):
        m = Module()
        count = ceil_div(self.depth, MEMORY_WORDS)
        words = []
        for number in range(count):
            memory = Memory(shape=self.shape, depth=min(self.depth, MEMORY_WORDS), init=[])
            m.submodules[f"events_{number}" if count > 1 else "events"] = memory
            write, read = memory.write_port(), memory.read_port()
            enable = self.write_enable
            if count > 1:
                enable = enable & (self.write_address // MEMORY_WORDS == number)
            m.d.comb += [
                write.en.eq(enable),
                write.addr.eq(self.write_address),
                write.data.eq(self.write_data),
                read.addr.eq(self.read_address),
            ]
            words.append(read_word(m, read.data, self.read_latency))
        word = words[0]
        if count > 1:
            memory_read = self.read_address // MEMORY_WORDS
            chosen = delayed(m, memory_read, self.read_latency, "memory_read")[-1]
            word = Array(words)[chosen]
        m.d.comb += self.read_data.eq(word)
        return m
