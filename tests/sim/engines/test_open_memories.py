"""Memories inside a compiled simulation: seen, filled with noise, and turned over bit by bit."""

import re
from pathlib import Path

import pytest
from amaranth import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.flat_ports import FlatPorts
from thresh.gateware.verilog import generate
from thresh.sim.engines.compiled_flat import MODULE, CompiledFlat
from thresh.sim.engines.open_memories import opened

FOLDER = Path("build/sim")
DEPTH, WIDTH = 16, 70
TABLE = [3, 0, 5] + [0] * 12 + [9]


class TwoMemories(wiring.Component):
    """A memory of words wider than 64 bits, and a table."""

    address: In(4)
    write: In(1)
    data: In(WIDTH)
    word: Out(WIDTH)
    entry: Out(8)

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = Memory(shape=WIDTH, depth=DEPTH, init=[])
        m.submodules.table = table = Memory(shape=8, depth=DEPTH, init=TABLE)
        read, write, look = memory.read_port(), memory.write_port(), table.read_port()
        unused = Signal()
        m.d.sync += unused.eq(self.write)
        m.d.comb += [
            read.addr.eq(self.address), look.addr.eq(self.address), write.addr.eq(self.address),
            write.en.eq(self.write), write.data.eq(self.data),
            self.word.eq(read.data), self.entry.eq(look.data),
        ]  # fmt: skip
        return m


@pytest.fixture(scope="module")
def flat():
    ports = FlatPorts(TwoMemories())
    return generate(ports, MODULE), ports.places


def made(flat):
    verilog, places = flat
    return CompiledFlat(verilog, places, FOLDER, open_memories=True)


def words(simulation):
    """Every word and every entry, as the component reads them."""
    put, found = simulation.writer("address"), []
    for address in range(DEPTH):
        put(address)
        simulation.tick()
        simulation.tick()
        found.append((simulation.reader("word")(), simulation.reader("entry")()))
    return found


def test_memories_are_seen_flipped_and_filled_with_noise(flat):
    simulation = made(flat)
    table, memory = sorted(simulation.inner_memories, key=lambda one: one.bits)
    assert (memory.words, memory.bits, memory.zero) == (DEPTH, WIDTH, True)
    assert (table.words, table.bits, table.zero) == (DEPTH, 8, False)
    simulation.flip(memory.name, 5, 69)
    simulation.flip(table.name, 2, 1)
    found = words(simulation)
    assert found[5] == (1 << 69, 0)
    assert found[2] == (0, 7)
    simulation.flip(memory.name, 5, 69)
    simulation.scramble(3)
    noise = [word for word, _ in words(simulation)]
    assert 400 < sum(word.bit_count() for word in noise) < 720
    assert [entry for _, entry in words(simulation)] == [3, 0, 7, *TABLE[3:]]
    for name, word, bit in ((memory.name, DEPTH, 0), (memory.name, 0, WIDTH), ("other", 0, 0)):
        said = re.escape(f"There is no bit {bit} of word {word} in a memory {name!r}")
        with pytest.raises(ValueError, match=said):
            simulation.flip(name, word, bit)
    other = made(flat)
    other.scramble(4)
    assert [word for word, _ in words(other)] != noise


def test_memories_that_were_not_opened_are_not_there(flat):
    verilog, _ = flat
    assert opened(verilog).count("public_flat_rw") == 2
    assert "public" not in verilog
