"""Delta memory: accumulated pre-activations, carried between steps."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.access import access_port
from thresh.gateware.lib.delayed import delayed
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
        """The memories."""
        return [MemoryShape(bits=width, words=words) for words in _parts(depth)]

    def elaborate(self, platform):
        m = Module()
        access, parts = self.access, _parts(self.depth)
        read_address = Mux(access.enable, access.address, self.read_address)
        write_address = Mux(access.enable, access.address, self.write_address)
        words = []
        for number, depth in enumerate(parts):
            memory = Memory(shape=self.width, depth=depth, init=[])
            m.submodules["memory" if len(parts) == 1 else f"memory_{number}"] = memory
            read, write = memory.read_port(), memory.write_port()
            words.append(read_word(m, read.data, self.read_latency))
            enable = self.write_enable | access.write
            if len(parts) > 1:
                enable = enable & (write_address[-1] == number)
            m.d.comb += [
                read.addr.eq(read_address),
                write.en.eq(enable),
                write.addr.eq(write_address),
                write.data.eq(Mux(access.enable, access.write_data, self.write_data)),
            ]
        word = words[0]
        if len(parts) > 1:
            word = Array(words)[delayed(m, read_address[-1], self.read_latency, "part")[-1]]
        m.d.comb += [self.read_data.eq(word), access.read_data.eq(word)]
        return m


def _parts(depth):
    """Words of the memories that make one: the largest power of two, and the rest, if any."""
    first = 1 << depth.bit_length() - 1
    return [first] if first == depth else [first, depth - first]
