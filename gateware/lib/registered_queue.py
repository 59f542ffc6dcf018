"""A queue whose block RAM is read through its own output register."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from .delayed import delayed
from .memory_shape import MemoryShape
from .read_word import read_word

READ_LATENCY = 2
"""Cycles from a word's address until the block RAM's register has it."""

OUT = READ_LATENCY + 2
"""Payloads that have left the memory at most: those on the way while one is taken a cycle."""


class RegisteredQueue(wiring.Component):
    """Payloads in order, one per cycle; an empty queue passes one on in 4 cycles.

    The memory is read in every cycle, so that the register behind it needs no enable and a block
    RAM can take it in. What has been read waits in `OUT` others, of which the first is offered;
    nothing is read that has no place there.

    Parameters
    ----------
    shape : Shape
        Of the payload.
    depth : int
        Payloads that the memory holds, a power of two.

    Members
    -------
    i : In(stream of ``shape``), o : Out(stream of ``shape``)
    """

    latency = READ_LATENCY + 2
    """Cycles from a payload that an empty queue takes until it offers it."""

    def __init__(self, shape, *, depth):
        if depth < 2 or depth & (depth - 1):
            raise ValueError(f"depth must be a power of two from 2 on, not {depth!r}")
        self.shape = shape
        self.depth = depth
        super().__init__({"i": In(stream.Signature(shape)), "o": Out(stream.Signature(shape))})

    @staticmethod
    def memories(shape, *, depth):
        """Of the payloads that wait."""
        return [MemoryShape(bits=Shape.cast(shape).width, words=depth)]

    def elaborate(self, platform):
        m = Module()
        m.submodules.storage = storage = Memory(shape=self.shape, depth=self.depth, init=[])
        write, read = storage.write_port(), storage.read_port()
        some, full, leaves, taken = Signal(), Signal(), Signal(), Signal()
        under_way = Signal(range(OUT + 1))
        produce, produce_next = self._place(m, write.en, "produce")
        consume, consume_next = self._place(m, leaves, "consume")
        m.d.comb += [
            self.i.ready.eq(~full),
            leaves.eq(some & (under_way != OUT)),
            taken.eq(self.o.valid & self.o.ready),
            write.en.eq(self.i.valid & self.i.ready),
            write.addr.eq(produce),
            write.data.eq(self.i.payload),
            read.addr.eq(consume),
        ]
        # Whether there is something, and whether there is room, are known without a carry chain.
        m.d.sync += [
            some.eq(write.en | (produce != Mux(leaves, consume_next, consume))),
            full.eq(~leaves & (full | (write.en & (produce_next ^ consume == self.depth)))),
            under_way.eq(under_way + leaves - taken),
        ]
        arrives = delayed(m, leaves, READ_LATENCY, "arrives")
        self._out(m, arrives[-1], read_word(m, read.data, READ_LATENCY), taken)
        return m

    def _place(self, m, enable, name):
        """A place of the memory, counted twice round, and the one behind it."""
        place = Signal(range(2 * self.depth), name=name)
        following = Signal.like(place, name=f"{name}_next", init=1)
        with m.If(enable):
            m.d.sync += [place.eq(following), following.eq(following + 1)]
        return place, following

    def _out(self, m, arrives, word, taken):
        """The first register is offered; what arrives goes behind what waits, into all there."""
        waits = Signal(OUT)
        words = [Signal(self.shape, name=f"waits_{number}") for number in range(OUT)]
        stays = Mux(taken, waits >> 1, waits)
        m.d.comb += [self.o.valid.eq(waits[0]), self.o.payload.eq(words[0])]
        m.d.sync += waits.eq(Mux(arrives, (stays << 1) | 1, stays))
        for number, register in enumerate(words):
            with m.If(~stays[number]):
                m.d.sync += register.eq(word)
            with m.Elif(taken):
                m.d.sync += register.eq(words[min(number + 1, OUT - 1)])
