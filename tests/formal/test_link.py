"""A packet that must be refused changes nothing, whatever bytes come."""

import pytest
from amaranth import *
from amaranth.hdl import Assert, Assume
from formal.prover import BASE, FREE, among, inputs_of, prove, prove_beginning, watched
from formal.spoken import says
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
    commit_payload,
    packet,
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


def right_crc(inner, names):
    """The nonce of the CRC: XORed behind the second byte, of IDENTIFY not at all."""
    me = names.self
    second = names.byte_valid & ~me.held & ~names.dropping & (me.length == 1)
    plain = crc16_step(names.crc, names.byte)
    expected, checked = Signal(16), Signal()
    inner.d.sync += [
        checked.eq(second & ~(me.release | me.restart)),
        expected.eq(Mux(names.byte == Command.IDENTIFY, plain, plain ^ me.nonce)),
    ]
    inner.d.comb += Assert(~checked | (names.crc == expected))


def may_be_executed(inner, names, begins):
    """Whatever a packet does, it may; ``begins`` when it does."""
    me = names.self
    again = me.o.answered & (me.o.last_sequence == me.o.sequence)
    again &= (me.o.last_check == me.o.check) & (me.o.command != Command.IDENTIFY)
    said = Cat(names.receiver.address, names.receiver.count, names.receiver.more)
    right = ~names.receiver.region[0] | (said == me.written)
    length, inputs = names.receiver.length, me.inputs_minus_1 + 1
    good = me.o.held & me.o.intact & legal(me.o, length, me.loaded, inputs, right) & ~again
    with inner.If(begins):
        inner.d.comb += Assert(good)


def known_lengths(inner, names):
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


def known_states(inner, names):
    """In which states the executor does what."""
    me, machine = names.self, names.machine
    inner.d.comb += [
        Assert(~me.x.valid | among(machine, "OFFER")),
        Assert(~me.access.write | among(machine, "WRITTEN")),
        Assert(~me.new_sequence | among(machine, "AWAIT_SEQUENCE")),
        Assert(~me.access.enable | ~among(machine, "ANSWER_SEQUENCE", "ANSWER_STATUS")),
        Assert(~among(machine, "CHECK", "DECIDE") | me.packet.held),
    ]


HELPERS = {PacketReceiver: known_lengths, PacketExecutor: known_states}
"""What only the induction needs."""


def link_design():
    """A link in a module, the link, and the rules that say what must hold."""
    link = HostLink(geometry=SHAPE, clock_khz=48_000)
    m = Module()
    m.submodules.link = link
    acting, was_acting, before = Signal(), Signal(), Signal()

    def inbox(inner, names):
        may_be_executed(inner, names, acting & ~was_acting)
        inner.d.comb += Assert(~acting | names.self.o.held)

    def executor(inner, names):
        me, machine = names.self, names.machine
        effect = me.access.enable | me.access.write | me.new_sequence | me.x.valid
        inner.d.comb += [
            acting.eq(~among(machine, "IDLE", "CHECK", "DECIDE", "RELEASE")),
            Assert(~effect | acting),
        ]

    m.d.sync += [before.eq(link.loaded), was_acting.eq(acting)]
    m.d.comb += Assert((before == link.loaded) | acting)
    hold_rule(m, link.o, name="o")
    hold_rule(m, link.x, name="x")
    inputs = Signal.like(link.inputs_minus_1)
    m.d.sync += inputs.eq(link.inputs_minus_1)
    m.d.comb += Assume((acting & was_acting) | (inputs == link.inputs_minus_1))
    return m, link, {PacketReceiver: right_crc, PacketInbox: inbox, PacketExecutor: executor}


def link_proof():
    """The proof of the whole link."""
    m, link, rules = link_design()
    with watched(rules, HELPERS):
        return prove(m, inputs_of(link), DEPTH, base=DEPTH + 3, memories=FREE)


def spoilt_link(fault, said, cycles):
    """What becomes of what must hold, without helpers, where a host says these bytes."""
    m, link, rules = link_design()
    says(m, link, said)
    with watched(rules, fault):
        return prove_beginning(m, inputs_of(link), cycles, memories=FREE)


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


READ_BEHIND = packet(1, Command.READ, bytes((Region.STATE, 255, 255, 1)))
BEGIN = packet(1, Command.COMMIT, commit_payload(False))
DAMAGED = bytes((*BEGIN[:-2], BEGIN[-2] ^ 1, BEGIN[-1]))
UNLOADED = packet(1, Command.STEP, bytes(2))
OTHER_WORDS = packet(1, Command.COMMIT, commit_payload(True, 1 << 16))
TAKES_THE_LINE = packet(1, Command.IDENTIFY, b"\x12\x34")

SPOILT = [
    (PacketReceiver, takes_any_host, [*TAKES_THE_LINE, *[None] * 60, *BEGIN], 100),
    (PacketChecker, commits_what_was_not_written, OTHER_WORDS, 40),
    (RegionChecker, knows_no_end, READ_BEHIND, 40),
    (PacketInbox, repeats, [*BEGIN, *[None] * 60, *BEGIN], 120),
    (PacketInbox, takes_what_is_damaged, DAMAGED, 40),
    (PacketChecker, steps_unloaded, UNLOADED, 40),
]


@pytest.mark.parametrize(
    ("kind", "fault", "said", "cycles"), SPOILT, ids=[fault.__name__ for _, fault, *_ in SPOILT]
)
def test_a_spoilt_link_is_found_out(kind, fault, said, cycles):
    assert spoilt_link({kind: fault}, said, cycles).failed == BASE
