"""Layer table: which layers the network has, loaded at run time."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.access import access_port
from thresh.gateware.lib.memory_shape import MemoryShape
from thresh.gateware.lib.read_word import read_word
from thresh.layout.layer_table import HEADER_FIELDS, TABLE_WORDS
from thresh.model.network import MAX_LAYERS

HEADER_BASE = MAX_LAYERS * TABLE_WORDS
"""Address of the first header word behind the layers."""


TABLE_READER = wiring.Signature(
    {"address": Out(range(2 * HEADER_BASE)), "word": In(16), "written": In(1), "opened": In(1)}
)
"""The way to the table, seen from its reader: an address, and its word ``read_latency`` cycles
later. The table is being written; it is open to the outside, and its words are not the reader's."""


class LayerTable(wiring.Component):
    """16-bit words: `thresh.layout.layer_table.TABLE_WORDS` per layer, then the header.

    Parameters
    ----------
    init : sequence of int
        Words at power-up.
    read_latency : int
    readable : bool
        Words are read from outside too.

    Members
    -------
    walker, pointwise : In(`TABLE_READER`)
    header : Out(array of 16-bit words)
        The header, always at hand.
    access : In(access port)
        ``write_data`` of a header word holds a cycle longer than ``write``.
    """

    depth = 2 * HEADER_BASE

    def __init__(self, *, init=(), read_latency=1, readable=True):
        self.init = list(init)
        self.read_latency = read_latency
        self.readable = readable
        super().__init__(
            {
                "walker": In(TABLE_READER),
                "pointwise": In(TABLE_READER),
                **{name: Out(16, init=self._initial(n)) for n, name in enumerate(HEADER_FIELDS)},
                "access": In(access_port(self.depth, 16)),
            }
        )

    def _initial(self, number):
        words = self.init[HEADER_BASE:]
        return words[number] if number < len(words) else 0

    @classmethod
    def memories(cls):
        """A copy for each reader."""
        return [MemoryShape(bits=16, words=cls.depth)] * 2

    def elaborate(self, platform):
        m = Module()
        access = self.access
        for number, reader in enumerate((self.walker, self.pointwise)):
            memory = Memory(shape=16, depth=self.depth, init=self.init)
            m.submodules[f"copy_{number}"] = memory
            read, write = memory.read_port(), memory.write_port()
            address = reader.address
            if self.readable:
                address = Mux(access.enable, access.address, address)
            m.d.comb += [
                read.addr.eq(address),
                reader.word.eq(read_word(m, read.data, self.read_latency)),
                write.en.eq(access.write),
                write.addr.eq(access.address),
                write.data.eq(access.write_data),
                reader.written.eq(access.write),
                reader.opened.eq(access.enable),
            ]
        if self.readable:
            m.d.comb += access.read_data.eq(self.walker.word)
        assert len(HEADER_FIELDS) <= 8
        in_header = access.address[HEADER_BASE.bit_length() - 1]
        for number, name in enumerate(HEADER_FIELDS):
            chosen = Signal(name=f"{name}_chosen")
            m.d.sync += chosen.eq(access.write & in_header & (access.address[:3] == number))
            with m.If(chosen):
                m.d.sync += getattr(self, name).eq(access.write_data)
        return m
