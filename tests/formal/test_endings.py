"""What is begun ends, whatever the memories hold: and where it does not yet, what shows it."""

import ctypes
from pathlib import Path

import pytest
from amaranth import *
from amaranth.hdl import Assert, Assume
from formal.prover import MISSING, among, constant, inputs_of, prove, watched
from link_bench import deadline, geometry

from thresh.gateware.control.sequence_reset import SETTLE, SequenceReset
from thresh.gateware.verilog import accelerator_verilog
from thresh.layout.geometry import Geometry
from thresh.layout.link import (
    DEFAULT_BAUD,
    HEADER_WORDS,
    Command,
    PacketCollector,
    Region,
    check,
    packet,
)
from thresh.sim.engines.compiled import CompiledLine, compile_verilog

proved = pytest.mark.skipif(bool(MISSING), reason=f"{', '.join(MISSING)} missing")

SMALL = Geometry(
    lanes=4, weight_depth=1024, accumulator_depth=16, state_depth=16, value_depth=16,
    packet_bytes=256,
)  # fmt: skip
DIVISOR = 8
ANSWER_CYCLES = 200_000
"""In which the accelerator answers anything; a step takes some hundred."""


def reset_proof(faults=()):
    """A new sequence ends within so many cycles as it has words to reset, and some."""
    unit = SequenceReset(geometry=SMALL, latency=1)
    m = Module()
    m.submodules.unit = unit
    words = 2 * unit.largest
    last, age, some = constant(m, 16, "last"), Signal(range(4 * words)), 2 * SETTLE
    m.d.sync += age.eq(Mux(unit.active, age + (age < 4 * words - 1), 0))
    m.d.comb += [
        Assume((unit.last == last) & (last < unit.largest)),
        Assert(age <= words + some + 4),
    ]

    def stages(inner, names):
        """How old a new sequence is in each of its states; words are reset in order."""
        machine, tail = names.machine, names.tail
        inner.d.comb += [
            Assert(unit.active == ~among(machine, "IDLE")),
            Assert(among(machine, "RESET") == names.resetting),
            Assert(~among(machine, "IDLE") | (tail == 0)),
            Assert(~among(machine, "FLUSH") | (age == tail)),
        ]
        with inner.If(among(machine, "RESET")):
            inner.d.comb += [Assert(age == SETTLE + unit.address), Assert(tail == 0)]
            inner.d.comb += Assert(unit.address <= last + 1)
            inner.d.comb += Assert(names.ends == (unit.address == last + 1))
        with inner.If(among(machine, "DRAIN")):
            inner.d.comb += Assert(age <= SETTLE + last + 2 + tail)

    rules = {SequenceReset: stages}
    with watched(rules, dict(faults)):
        return prove(m, [*inputs_of(unit), last], 3)


@proved
def test_a_new_sequence_ends():
    proof = reset_proof()
    assert proof.holds, proof.log


@proved
def test_a_reset_that_misses_its_last_word_is_found_out():
    def skips(inner, names):
        with inner.If(among(names.machine, "RESET")):
            inner.d.sync += names.self.address.eq(names.self.address + 2)

    assert not reset_proof({SequenceReset: skips}.items()).holds


@pytest.fixture
def line():
    shape = geometry()
    verilog = accelerator_verilog(
        geometry=shape, clock_hz=DIVISOR * DEFAULT_BAUD, baud=DEFAULT_BAUD
    )
    folder = Path(__file__).parents[2] / "build" / "sim"
    line = CompiledLine(compile_verilog(verilog, "thresh_accelerator", folder), DIVISOR)
    with deadline(120):
        yield line
    line.close()


def answered(line, data):
    """Statuses of what comes back within `ANSWER_CYCLES`, however busy the accelerator stays."""
    chunk = (ctypes.c_uint8 * 4096)()
    line._library.line_send(line._handle, data, len(data))
    line._library.line_tick(line._handle, ctypes.c_uint64(ANSWER_CYCLES))
    size = line._library.line_receive(line._handle, chunk, len(chunk))
    bodies = PacketCollector(512).feed(bytes(chunk[:size]))
    return [parts[1] for body in bodies if (parts := check(body))]


def far_header():
    words = b"".join((0xFFFF if n == 3 else 0).to_bytes(2, "little") for n in range(HEADER_WORDS))
    return packet(9, Command.WRITE, bytes((Region.HEADER, 0, 0)) + words)


HANGS = {
    "an empty table": [
        packet(1, Command.COMMIT, b"\x01"),
        packet(2, Command.NEW_SEQUENCE),
        packet(3, Command.STEP, b"\x00\x00"),
    ],
    "a reset without end": [
        far_header(), packet(1, Command.COMMIT, b"\x01"), packet(2, Command.NEW_SEQUENCE),
    ],
}  # fmt: skip


@pytest.mark.parametrize("packets", HANGS.values(), ids=HANGS)
@pytest.mark.xfail(
    strict=True, reason="neither the table nor the header is checked before a step begins"
)
def test_no_packets_make_the_accelerator_deaf(line, packets):
    for question in packets:
        answered(line, question)
    assert answered(line, packet(4, Command.IDENTIFY)) == [0x80 | Command.IDENTIFY]


def test_what_a_good_packet_gets_is_an_answer(line):
    assert answered(line, packet(4, Command.IDENTIFY)) == [0x80 | Command.IDENTIFY]
