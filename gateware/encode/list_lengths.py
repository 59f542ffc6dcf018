"""List lengths: how many events each complete list of hidden values has."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.memory_shape import MemoryShape


class ListLengths(wiring.Component):
    """A length written, or a list emptied, and one read per cycle, a cycle later.

    Parameters
    ----------
    lists, length : int
        Lists; the longest.

    Members
    -------
    write_enable, write_address, write_data : In
    clear, clear_address : In
        Empties a list instead.
    read_address : In, read_data : Out
    """

    def __init__(self, *, lists, length):
        self.lists = lists
        self.length = length
        super().__init__(
            {
                "write_enable": In(1),
                "write_address": In(range(lists)),
                "write_data": In(range(length + 1)),
                "clear": In(1),
                "clear_address": In(range(lists)),
                "read_address": In(range(lists)),
                "read_data": Out(range(length + 1)),
            }
        )

    @staticmethod
    def memories(*, lists, length):
        """The memory."""
        return [MemoryShape(bits=length.bit_length(), words=lists)]

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = Memory(
            shape=range(self.length + 1), depth=self.lists, init=[]
        )
        write, read = memory.write_port(), memory.read_port()
        m.d.comb += [
            write.en.eq(self.write_enable | self.clear),
            write.addr.eq(Mux(self.clear, self.clear_address, self.write_address)),
            write.data.eq(Mux(self.clear, 0, self.write_data)),
            read.addr.eq(self.read_address),
            self.read_data.eq(read.data),
        ]
        return m
