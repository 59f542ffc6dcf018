"""Sum memory: one lane's sums of one layer, in block RAM."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.memory_shape import MemoryShape
from thresh.gateware.lib.read_word import read_word
from thresh.model.arithmetic import ACCUMULATOR_BITS


class SumMemory(wiring.Component):
    """``sum[row] += product`` while a layer's sums are gathered; then they are taken, and cleared.

    A product comes ``read_latency`` cycles after its row was asked for, and is in the memory two
    cycles later; until then the row must not be asked for again.

    Parameters
    ----------
    depth, read_latency, product_bits : int

    Members
    -------
    asked : In(range(depth))
    product : In(signed), adds : In(1), row : In(range(depth))
        What is added; a cycle later, whether it is, and to which row.
    takes : In(1), at : In(range(depth))
        Sums are taken: the row wanted.
    clears : In(1), clear_at : In(range(depth))
        A row that was taken is cleared.
    sum : Out(signed(32))
        The row asked for or wanted, ``read_latency`` cycles later; ``early``, where there are more
        than one, a cycle before.
    """

    def __init__(self, *, depth, read_latency, product_bits):
        self.depth = depth
        self.read_latency = read_latency
        total, row = signed(ACCUMULATOR_BITS), range(depth)
        super().__init__(
            {
                "asked": In(row),
                "product": In(signed(product_bits)),
                "adds": In(1),
                "row": In(row),
                "takes": In(1),
                "at": In(row),
                "clears": In(1),
                "clear_at": In(row),
                "sum": Out(total),
                "early": Out(total),
            }
        )

    @staticmethod
    def memories(depth):
        """The memory."""
        return [MemoryShape(bits=ACCUMULATOR_BITS, words=depth)]

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = Memory(
            shape=signed(ACCUMULATOR_BITS), depth=self.depth, init=[]
        )
        read, write = memory.read_port(), memory.write_port()
        early = read_word(m, read.data, max(1, self.read_latency - 1))
        word = read_word(m, early, min(2, self.read_latency))
        added = Signal(signed(ACCUMULATOR_BITS))
        m.d.sync += added.eq(word + self.product)
        m.d.comb += [
            self.early.eq(early),
            self.sum.eq(word),
            read.addr.eq(Mux(self.takes, self.at, self.asked)),
        ]
        with m.If(self.takes):
            m.d.comb += [write.addr.eq(self.clear_at), write.en.eq(self.clears)]
        with m.Else():
            m.d.comb += [
                write.addr.eq(self.row),
                write.en.eq(self.adds),
                write.data.eq(added),
            ]
        return m
