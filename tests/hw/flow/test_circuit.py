"""A design's digest before synthesis: other words for the same circuit keep it."""

import pytest
from amaranth import *
from amaranth.back import rtlil
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from thresh.hw.flow.circuit import circuit_structure
from thresh.tools.toolchain import ToolError


class Average(wiring.Component):
    """A table behind an accumulator, in one module or two."""

    def __init__(self, *, word="total", nested=False, shared=False, initial=0, content=3, added=1):
        self.word, self.nested, self.shared = word, nested, shared
        self.initial, self.content, self.added = initial, content, added
        super().__init__({"i": In(8), "o": Out(8)})

    def elaborate(self, platform):
        m = Module()
        inner = Module() if self.nested else m
        table = memory.Memory(shape=8, depth=16, init=[self.content, 1, 2])
        inner.submodules["table"] = table
        read, write = table.read_port(), table.write_port()
        total, nonzero = Signal(8, init=self.initial, name=self.word), self.i != 0
        if self.shared:
            nonzero = Signal()
            inner.d.comb += nonzero.eq(self.i != 0)
        inner.d.comb += [read.addr.eq(total[:4]), write.addr.eq(self.i[:4]), write.en.eq(total[7])]
        inner.d.comb += [write.data.eq(total), self.o.eq(read.data)]
        with inner.If(nonzero):
            inner.d.sync += total.eq(total + self.i + self.added)
        with inner.If(nonzero & read.data[0]):
            inner.d.sync += total.eq(0)
        if self.nested:
            m.submodules["part"] = inner
        return m


@pytest.fixture
def digest(tmp_path):
    def take(**changed):
        return circuit_structure(rtlil.convert(Average(**changed), name="top"), tmp_path)

    return take


def test_words_and_modules_do_not_count(digest):
    assert len({digest(), digest(word="sum"), digest(nested=True), digest(word="a_sum")}) == 1


def test_what_is_written_once_or_twice_does_not_count(digest):
    assert digest(shared=True) == digest()


def test_what_is_computed_counts(digest):
    seen = {digest(), digest(initial=1), digest(content=4), digest(added=2)}
    assert len(seen) == 4


def test_what_yosys_refuses_is_said(tmp_path):
    with pytest.raises(ToolError, match="yosys failed: "):
        circuit_structure("module \\top\n  cell\nend\n", tmp_path)
