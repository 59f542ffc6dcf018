"""Weights, one column slice of P per word."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.memory_shape import MemoryShape


class ColumnMemory(wiring.Component):
    """Weight memory: a word is what P lanes multiply in one cycle.

    Reading takes `latency` cycles; writing takes effect for reads of later cycles. The behavioural
    twin of every board's own memory, and the real one where block RAM holds the weights.

    Parameters
    ----------
    width : int
        Bits of a word.
    depth : int
        Words.
    init : sequence of int
        First words at power-up; the rest are 0.

    Members
    -------
    read_address : In(range(depth))
    read_data : Out(width)
        The word addressed `latency` cycles ago.
    write_enable, write_address, write_data
    """

    latency = 2

    def __init__(self, *, width, depth, init=()):
        self.width = width
        self.depth = depth
        self.init = init
        super().__init__(
            {
                "read_address": In(range(depth)),
                "read_data": Out(width),
                "write_enable": In(1),
                "write_address": In(range(depth)),
                "write_data": In(width),
            }
        )

    @staticmethod
    def memories(*, width, depth):
        """The memories in block RAM."""
        return [MemoryShape(bits=width, words=depth)]

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = Memory(shape=self.width, depth=self.depth, init=self.init)
        read, write = memory.read_port(), memory.write_port()
        m.d.comb += [
            read.addr.eq(self.read_address),
            write.en.eq(self.write_enable),
            write.addr.eq(self.write_address),
            write.data.eq(self.write_data),
        ]
        m.d.sync += self.read_data.eq(read.data)
        return m
