"""Reference memory: the values last sent."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.access import access_port
from thresh.gateware.lib.memory_shape import MemoryShape
from thresh.gateware.lib.read_word import read_word


class ReferenceMemory(wiring.Component):
    """``ref += d`` where a value fires; a read and an update per cycle.

    An update takes two cycles, in which its address is not read.

    Parameters
    ----------
    value_bits, depth, read_latency : int
    readable : bool
        Words come from outside; else a write from outside clears them.

    Members
    -------
    read_address : In, read_data : Out(signed(V))
        After ``read_latency`` cycles.
    update : In(1), address : In, reference, delta : In(signed(V))
        Writes ``reference + delta``, which fits V bits.
    access : In(access port)
        Writes while nothing else does. A read's address is ``read_address``, so that no choice
        stands before the memory.
    """

    def __init__(self, *, value_bits, depth, read_latency, readable=True):
        self.value_bits = value_bits
        self.readable = readable
        self.depth = depth
        self.read_latency = read_latency
        super().__init__(
            {
                "read_address": In(range(depth)),
                "read_data": Out(signed(value_bits)),
                "update": In(1),
                "address": In(range(depth)),
                "reference": In(signed(value_bits)),
                "delta": In(signed(value_bits)),
                "access": In(access_port(depth, value_bits)),
            }
        )

    @staticmethod
    def memories(*, value_bits, depth):
        """The memory."""
        return [MemoryShape(bits=value_bits, words=depth)]

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = Memory(
            shape=signed(self.value_bits), depth=self.depth, init=[]
        )
        read, write, access = memory.read_port(), memory.write_port(), self.access
        m.d.comb += [
            read.addr.eq(self.read_address),
            self.read_data.eq(read_word(m, read.data, self.read_latency)),
            access.read_data.eq(self.read_data),
        ]
        # What is written, a reference or a word from outside, comes from registers.
        m.d.sync += [
            write.en.eq(self.update | access.write),
            write.addr.eq(Mux(access.enable, access.address, self.address)),
        ]
        total = self.reference + self.delta
        if self.readable:
            m.d.sync += write.data.eq(Mux(access.enable, access.write_data, total))
        else:
            # A register without a reset of the domain has one of its own for nothing.
            word = Signal.like(write.data, reset_less=True)
            m.d.sync += word.eq(Mux(access.enable, 0, total))
            m.d.comb += write.data.eq(word)
        return m
