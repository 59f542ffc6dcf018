"""State memory: the registers of every unit, three of them read per cycle."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.access import access_port
from thresh.gateware.lib.delayed import delayed
from thresh.gateware.lib.memory_shape import MemoryShape
from thresh.gateware.lib.read_word import read_word

OPERANDS = ("a", "b", "c")


class StateMemory(wiring.Component):
    """A word of each operand and a result per cycle, from three copies of one memory.

    Parameters
    ----------
    width, depth, read_latency : int
    compact : bool
        Only ``b`` is read from outside.

    Members
    -------
    a_address, b_address, c_address : In; a, b, c : Out(width)
        Operands, ``1 + read_latency`` cycles after their addresses.
    result_valid : In(1), result : In(width)
        A word is written.
    result_address : In
        A cycle before it.
    access : In(access port)
        A word is read a cycle later than elsewhere. One that is written comes as ``result``, two
        cycles after ``write``.
    """

    def __init__(self, *, width, depth, read_latency=1, compact=False):
        self.width = width
        self.depth = depth
        self.read_latency = read_latency
        self.compact = compact
        super().__init__(
            {
                **{f"{name}_address": In(range(depth)) for name in OPERANDS},
                **{name: Out(width) for name in OPERANDS},
                "result_valid": In(1),
                "result": In(width),
                "result_address": In(range(depth)),
                "access": In(access_port(depth, width)),
            }
        )

    @staticmethod
    def memories(*, width, depth):
        """A copy for every operand."""
        return [MemoryShape(bits=width, words=depth)] * len(OPERANDS)

    def elaborate(self, platform):
        m = Module()
        access = self.access
        outside = delayed(m, access.enable, 1, "outside")[-1]
        outside_address = delayed(m, access.address, 1, "outside_address")[-1]
        outside_write = delayed(m, access.write, 2, "outside_write")[-1]
        write_address = Signal(range(self.depth))
        m.d.sync += write_address.eq(Mux(outside, outside_address, self.result_address))
        for name in OPERANDS:
            copy = Memory(shape=self.width, depth=self.depth, init=[])
            m.submodules[name] = copy
            read, write = copy.read_port(), copy.write_port()
            address = Signal(range(self.depth), name=f"{name}_read_address")
            inside = getattr(self, f"{name}_address")
            if name == "b" or not self.compact:
                inside = Mux(access.enable, access.address, inside)
            m.d.sync += address.eq(inside)
            m.d.comb += [
                read.addr.eq(address),
                getattr(self, name).eq(read_word(m, read.data, self.read_latency)),
                write.en.eq(self.result_valid | outside_write),
                write.addr.eq(write_address),
                write.data.eq(self.result),
            ]
        m.d.comb += access.read_data.eq(self.b)
        return m
