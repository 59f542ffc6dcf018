"""Delta memory: accumulated pre-activations, carried between steps."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.access import access_port
from thresh.gateware.lib.memory_shape import MemoryShape
from thresh.gateware.lib.read_word import read_word


class DeltaMemory(wiring.Component):
    """M: ``M == bias + W reference`` after every step, exactly.

    A word holds S accumulators of 32 bits in the order in which the pointwise stage needs them.

    Parameters
    ----------
    width, depth, read_latency : int

    Members
    -------
    read_address : In, read_data : Out(width)
        After ``read_latency`` cycles.
    write_enable, write_address, write_data : In
        Never the address read in the same cycle.
    access : In(access port)
    """

    def __init__(self, *, width, depth, read_latency=1):
        self.width = width
        self.read_latency = read_latency
        self.depth = depth
        super().__init__(
            {
                "read_address": In(range(depth)),
                "read_data": Out(width),
                "write_enable": In(1),
                "write_address": In(range(depth)),
                "write_data": In(width),
                "access": In(access_port(depth, width)),
            }
        )

    @staticmethod
    def memories(*, width, depth):
        """The memory."""
        return [MemoryShape(bits=width, words=depth)]

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = Memory(shape=self.width, depth=self.depth, init=[])
        read, write = memory.read_port(), memory.write_port()
        access = self.access
        word = read_word(m, read.data, self.read_latency)
        m.d.comb += [
            read.addr.eq(Mux(access.enable, access.address, self.read_address)),
            self.read_data.eq(word),
            access.read_data.eq(word),
            write.en.eq(self.write_enable | access.write),
            write.addr.eq(Mux(access.enable, access.address, self.write_address)),
            write.data.eq(Mux(access.enable, access.write_data, self.write_data)),
        ]
        return m
