"""What is begun ends, whatever the memories hold."""

import pytest
from amaranth import *
from amaranth.hdl import Assert, Assume
from formal.prover import BASE, among, constant, inputs_of, prove, watched

from thresh.gateware.control.sequence_reset import SETTLE, SequenceReset
from thresh.hw.estimates.board_geometry import board_geometry
from thresh.hw.known_boards import BOARDS
from thresh.layout.geometry import Geometry
from thresh.performance.longest_step import longest_reset

SMALL = Geometry(
    lanes=4, weight_depth=1024, accumulator_depth=16, state_depth=16, value_depth=16,
    packet_bytes=256,
)  # fmt: skip


def reset_proof(faults=(), base=None):
    """A new sequence ends within `longest` cycles, whatever the header says is its last word."""
    unit = SequenceReset(geometry=SMALL, latency=1)
    m = Module()
    m.submodules.unit = unit
    bits = len(unit.last)
    last, age = constant(m, bits, "last"), Signal(range(2 * unit.longest))
    m.d.sync += age.eq(Mux(unit.active, age + (age < 2 * unit.longest - 1), 0))
    m.d.comb += [Assume(unit.last == last), Assert(age <= unit.longest)]

    def stages(inner, names):
        """How old a new sequence is in each of its states; words are reset in order."""
        machine, tail, ends = names.machine, names.tail, names.ends
        inner.d.comb += [
            Assert(unit.active == ~among(machine, "IDLE")),
            Assert(among(machine, "RESET") == names.resetting),
            Assert(~among(machine, "IDLE") | (tail == 0)),
            Assert(~among(machine, "FLUSH") | (age == tail)),
        ]
        with inner.If(among(machine, "RESET")):
            # The address behind the highest one is 0 again.
            behind = (last + 1)[:bits]
            inner.d.comb += Assert(age == SETTLE + Mux(ends, last + 1, unit.address))
            inner.d.comb += [Assert(unit.address <= last + 1), Assert(tail == 0)]
            inner.d.comb += Assert(ends == ((unit.address == behind) & (age != SETTLE)))
        with inner.If(among(machine, "DRAIN")):
            inner.d.comb += Assert(age <= SETTLE + last + 2 + tail)

    rules = {SequenceReset: stages}
    with watched(rules, dict(faults)):
        return prove(m, [*inputs_of(unit), last], 3, base=base)


def test_a_new_sequence_ends():
    proof = reset_proof()
    assert proof.holds, proof.log


def test_a_reset_that_misses_its_last_word_is_found_out():
    def skips(inner, names):
        with inner.If(among(names.machine, "RESET")):
            inner.d.sync += names.self.address.eq(names.self.address + 2)

    assert reset_proof({SequenceReset: skips}.items(), base=20).failed == BASE


@pytest.mark.parametrize("name", BOARDS)
def test_a_new_sequence_is_as_long_as_it_is_said_to_be(name):
    shape = board_geometry(name)
    assert SequenceReset(geometry=shape, latency=1).longest == longest_reset(shape)
