"""A packet that must be refused changes nothing, whatever bytes come."""

import pytest
from amaranth import *
from amaranth.hdl import Assert, Assume
from formal.prover import FREE, among, inputs_of, prove, watched
from formal.stream_rules import hold_rule
from link_bench import geometry

from thresh.gateware.link.crc16 import crc16_step
from thresh.gateware.link.host_link import HostLink
from thresh.gateware.link.packet_checker import PacketChecker
from thresh.gateware.link.packet_executor import PacketExecutor
from thresh.gateware.link.packet_inbox import PacketInbox
from thresh.gateware.link.packet_receiver import PacketReceiver
from thresh.gateware.link.region_checker import RegionChecker
from thresh.layout.link import (
    COMMIT_BYTES,
    MAX_READ_WORDS,
    NONCE_BYTES,
    PACKET_OVERHEAD,
    WRITE_OVERHEAD,
    Command,
    Region,
    region_words,
    word_bytes,
)

SHAPE = geometry(lanes=8, pointwise_lanes=2)
DEPTH = 9


def legal(packet, length, loaded, inputs, right):
    """Whether a packet with a good CRC may be executed: `thresh.layout.link`, in one expression."""
    payload = (length - PACKET_OVERHEAD).as_signed()
    data = payload - WRITE_OVERHEAD
    by_region = C(0)
    for region in Region:
        size = word_bytes(region, SHAPE)
        most = min(MAX_READ_WORDS, (SHAPE.packet_bytes - PACKET_OVERHEAD) // size)
        words = region_words(region, SHAPE)
        write = (data > 0) & (data % size == 0) & (packet.address + data // size <= words)
        write &= region is not Region.COUNTERS
        read = (packet.count >= 1) & (packet.count <= most)
        read &= packet.address + packet.count <= words
        may = Mux(packet.command == Command.WRITE, write, (data == 1) & read)
        by_region = by_region | ((packet.region == region) & may)
    bare = payload == 0
    return (
        ((packet.command == Command.IDENTIFY) & (bare | (payload == NONCE_BYTES)))
        | ((packet.command == Command.COMMIT) & (payload == COMMIT_BYTES) & right)
        | ((packet.command == Command.NEW_SEQUENCE) & bare & loaded)
        | ((packet.command == Command.STEP) & loaded & (payload == 2 * inputs))
        | (packet.command.matches(Command.WRITE, Command.READ) & by_region)
    )


def link_proof(faults=(), base=DEPTH + 3):
    """The proof of the whole link; ``faults`` are rules that spoil a class."""
    link = HostLink(geometry=SHAPE, clock_khz=48_000)
    m = Module()
    m.submodules.link = link
    acting, was_acting, before = Signal(), Signal(), Signal()

    def receiver(inner, names):
        """How long a packet is, in the three ways in which the receiver knows it."""
        me = names.self
        inner.d.comb += [
            Assert(me.length <= SHAPE.packet_bytes),
            Assert(names.full == (me.length == SHAPE.packet_bytes)),
            Assert(~names.overlong | names.full),
        ]
        for byte in range(len(names.place)):
            inner.d.comb += Assert(names.place[byte] == (me.length == byte))
        whole = (me.length >= PACKET_OVERHEAD) & (me.length <= SHAPE.packet_bytes)
        inner.d.comb += Assert(~(me.held & me.intact) | whole)
        # The nonce of the CRC: XORed behind the second byte, of IDENTIFY not at all.
        second = names.byte_valid & ~me.held & ~names.dropping & (me.length == 1)
        plain = crc16_step(names.crc, names.byte)
        expected, checked = Signal(16), Signal()
        inner.d.sync += [
            checked.eq(second & ~(me.release | me.restart)),
            expected.eq(Mux(names.byte == Command.IDENTIFY, plain, plain ^ me.nonce)),
        ]
        inner.d.comb += Assert(~checked | (names.crc == expected))

    def inbox(inner, names):
        me = names.self
        again = me.o.answered & (me.o.last_sequence == me.o.sequence)
        again &= (me.o.last_check == me.o.check) & (me.o.command != Command.IDENTIFY)
        said = Cat(names.receiver.address, names.receiver.count, names.receiver.more)
        right = ~names.receiver.region[0] | (said == me.written)
        length, inputs = names.receiver.length, me.inputs_minus_1 + 1
        good = me.o.held & me.o.intact & legal(me.o, length, me.loaded, inputs, right) & ~again
        with inner.If(acting & ~was_acting):
            inner.d.comb += Assert(good)
        inner.d.comb += Assert(~acting | me.o.held)

    def executor(inner, names):
        me, machine = names.self, names.machine
        effect = me.access.enable | me.access.write | me.new_sequence | me.x.valid
        inner.d.comb += [
            acting.eq(~among(machine, "IDLE", "CHECK", "DECIDE", "RELEASE")),
            Assert(~effect | acting),
            Assert(~me.x.valid | among(machine, "OFFER")),
            Assert(~me.access.write | among(machine, "WRITTEN")),
            Assert(~me.new_sequence | among(machine, "AWAIT_SEQUENCE")),
            Assert(~me.access.enable | ~among(machine, "ANSWER_SEQUENCE", "ANSWER_STATUS")),
            Assert(~among(machine, "CHECK", "DECIDE") | me.packet.held),
        ]

    m.d.sync += [before.eq(link.loaded), was_acting.eq(acting)]
    m.d.comb += Assert((before == link.loaded) | acting)
    hold_rule(m, link.o, name="o")
    hold_rule(m, link.x, name="x")
    inputs = Signal.like(link.inputs_minus_1)
    m.d.sync += inputs.eq(link.inputs_minus_1)
    m.d.comb += Assume((acting & was_acting) | (inputs == link.inputs_minus_1))
    rules = {PacketReceiver: receiver, PacketInbox: inbox, PacketExecutor: executor}
    with watched(rules, dict(faults)):
        return prove(m, inputs_of(link), DEPTH, base=base, memories=FREE)


def test_a_packet_that_must_be_refused_has_no_effect():
    proof = link_proof()
    assert proof.holds, proof.log


def knows_no_end(inner, names):
    inner.d.sync += names.self.beyond.eq(0)


def repeats(inner, names):
    inner.d.sync += names.self.o.repeated.eq(0)


def takes_what_is_damaged(inner, names):
    inner.d.sync += names.self.o.damaged.eq(0)


def steps_unloaded(inner, names):
    with inner.If(names.self.is_step):
        inner.d.sync += names.self.fault.eq(0)


def takes_any_host(inner, names):
    with inner.If(names.byte_valid & ~names.self.held & ~names.dropping & names.place[1]):
        inner.d.sync += names.crc.eq(crc16_step(names.crc, names.byte))


def commits_what_was_not_written(inner, names):
    inner.d.sync += names.other_high.eq(0)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (PacketReceiver, takes_any_host),
        (PacketChecker, commits_what_was_not_written),
        (RegionChecker, knows_no_end),
        (PacketInbox, repeats),
        (PacketInbox, takes_what_is_damaged),
        (PacketChecker, steps_unloaded),
    ],
)
def test_a_spoilt_link_is_found_out(kind, fault):
    assert not link_proof({kind: fault}.items(), base=1).holds
