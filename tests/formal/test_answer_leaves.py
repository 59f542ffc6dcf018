"""An answer leaves in a stated number of cycles, but for those in which the line is waited for."""

import pytest
from amaranth import *
from amaranth.hdl import Assert, Assume
from formal.measures import falls
from formal.prover import BASE, FREE, among, inputs_of, prove, watched
from link_bench import geometry

from thresh.gateware.link.packet_sender import PacketSender
from thresh.gateware.link.uart import UartTransmitter
from thresh.layout.link import PACKET_OVERHEAD
from thresh.performance.longest_answer import BYTE_BITS, BYTE_CYCLES, sent

SHAPE = geometry(lanes=8, pointwise_lanes=2)
ROOM = SHAPE.packet_bytes - PACKET_OVERHEAD


def sender_proof(faults=()):
    """An answer leaves in `sent` cycles, the line's aside."""
    unit = PacketSender(packet_bytes=SHAPE.packet_bytes)
    m = Module()
    m.submodules.unit = unit

    def sender(inner, names):
        machine, left = names.machine, names.left
        measure = Signal(range(2 * sent(SHAPE)))
        bytes_left = BYTE_CYCLES * (left + 2 - names.crc_bytes)
        cycles = {
            "BEGIN": 3, "CHOOSE": 2, "UPDATE_CRC": 5, "PAUSE": 5, "SEND": 4, "SEND_ESCAPED": 3,
        }  # fmt: skip
        for state, more in cycles.items():
            with inner.If(among(machine, state)):
                inner.d.comb += measure.eq(bytes_left + more)
        with inner.If(among(machine, "FINISH")):
            inner.d.comb += measure.eq(1)
        inner.d.comb += [
            # As many as the executor puts at most.
            Assume(names.answer.length <= ROOM + 2),
            Assert(left <= ROOM + 2),
            Assert(names.crc_bytes <= 2),
            Assert(~among(machine, "BEGIN") | (names.crc_bytes == 0)),
            Assert(~among(machine, "CHOOSE") | (names.some_left == (left != 0))),
        ]
        waits = unit.o.valid & ~unit.o.ready
        falls(inner, measure, waits=waits, begins=among(machine, "IDLE"), most=sent(SHAPE))

    with watched({PacketSender: sender}, dict(faults)):
        return prove(m, inputs_of(unit), 2, base=12, memories=FREE)


def test_an_answer_leaves():
    proof = sender_proof()
    assert proof.holds, proof.log


def test_an_answer_that_does_not_end_is_found_out():
    def escapes_for_ever(inner, names):
        with inner.If(among(names.machine, "SEND_ESCAPED")):
            inner.d.sync += names.left.eq(names.left + 1)

    def keeps_its_crc(inner, names):
        inner.d.sync += names.crc_bytes.eq(0)

    for fault in (escapes_for_ever, keeps_its_crc):
        assert sender_proof({PacketSender: fault}.items()).failed == BASE


def line_proof(divisor, faults=()):
    """A byte has left the line in ten bits' cycles."""
    unit = UartTransmitter(divisor=divisor)
    m = Module()
    m.submodules.unit = unit

    def transmitter(inner, names):
        measure = Signal(range(2 * BYTE_BITS * divisor))
        inner.d.comb += [
            measure.eq(Mux(names.idle, 0, names.left * divisor + names.timer + 1)),
            Assert(names.timer < divisor),
            Assert(names.idle | (names.left < BYTE_BITS)),
            Assert(names.idle | (names.due == (names.timer == 0))),
        ]
        most = BYTE_BITS * divisor
        falls(inner, measure, waits=C(0), begins=names.idle, most=most)

    with watched({UartTransmitter: transmitter}, dict(faults)):
        return prove(m, inputs_of(unit), 2, base=20)


@pytest.mark.parametrize("divisor", [8, 48])
def test_a_byte_leaves_the_line(divisor):
    proof = line_proof(divisor)
    assert proof.holds, proof.log


def test_a_byte_that_does_not_leave_is_found_out():
    def counts_no_bits(inner, names):
        with inner.If(~names.idle):
            inner.d.sync += names.left.eq(names.left)

    assert line_proof(8, {UartTransmitter: counts_no_bits}.items()).failed == BASE
