"""Answer memory: the last answer, kept so that it can be sent again."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.memory_shape import MemoryShape
from thresh.gateware.lib.read_word import read_word


class AnswerMemory(wiring.Component):
    """Bytes appended one per cycle, read two cycles after their address.

    Parameters
    ----------
    packet_bytes : int

    Members
    -------
    clear : In(1)
    put : In(1), byte : In(8)
        A byte is appended.
    length : Out
    read_address : In, read_data : Out(8)
    """

    def __init__(self, *, packet_bytes):
        self.packet_bytes = packet_bytes
        super().__init__(
            {
                "clear": In(1),
                "put": In(1),
                "byte": In(8),
                "length": Out(range(packet_bytes + 1)),
                "read_address": In(range(packet_bytes)),
                "read_data": Out(8),
            }
        )

    @staticmethod
    def memories(packet_bytes):
        """The memory."""
        return [MemoryShape(bits=8, words=packet_bytes)]

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = Memory(shape=8, depth=self.packet_bytes, init=[])
        write, read = memory.write_port(), memory.read_port()
        m.d.comb += [
            write.addr.eq(self.length),
            write.data.eq(self.byte),
            write.en.eq(self.put),
            read.addr.eq(self.read_address),
            self.read_data.eq(read_word(m, read.data, 2)),
        ]
        with m.If(self.put):
            m.d.sync += self.length.eq(self.length + 1)
        with m.If(self.clear):
            m.d.sync += self.length.eq(0)
        return m
