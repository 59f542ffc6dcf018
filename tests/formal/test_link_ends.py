"""Every packet is answered in stated cycles, but for those in which core and line are waited for.

What comes to the executor is what `test_link` proves: a packet rests while it is held, and is whole
and legal where it is carried out.
"""

import pytest
from amaranth import *
from amaranth.hdl import Assert, Assume
from amaranth.lib.wiring import In
from formal.measures import chosen, falls
from formal.prover import BASE, FREE, among, inputs_of, prove, prove_beginning, watched
from link_bench import geometry

from thresh.gateware.link.packet_executor import DATA_AT, PAYLOAD_AT, RESET_CYCLES, PacketExecutor
from thresh.gateware.link.packet_inbox import RESULT_CYCLES
from thresh.gateware.link.word_register import WordRegister
from thresh.layout.link import (
    IDENTITY_BYTES,
    PACKET_OVERHEAD,
    READ_LATENCY,
    Command,
    Region,
    word_bytes,
)
from thresh.layout.packet_budget import most_outputs
from thresh.performance.longest_answer import (
    FETCH_CYCLES,
    executed,
    word_cycles,
)

SHAPE = geometry(lanes=8, pointwise_lanes=2)
ROOM = SHAPE.packet_bytes - PACKET_OVERHEAD
SIZES = {region: word_bytes(region, SHAPE) for region in Region}
KINDS = [f"is_{command.name.lower()}" for command in Command]

FETCH = {"FETCH_BYTE": 0, "AWAIT_BYTE": -1, "INSERT_BYTE": 4, "WRITE": 3, "INPUT": 3,
         "WRITTEN": 2, "OFFER": 2}  # fmt: skip
"""What a state adds to that of the bytes that are left of a packet."""

AT_WORD = ("WRITE", "WRITTEN", "INPUT", "OFFER")
READING = ("READ", "APPEND_BYTE", "NEXT_BYTE")
AFTER_INPUTS = ("AWAIT_STEP", "AWAIT_IDLE", "REFUSE", "RELEASE", "IDLE")
SEND, RELEASE, REFUSE = 2, 1, 2
"""Cycles that are left in these states."""


def whole(region, count):
    """Whether so many bytes are whole words of a region."""
    return Cat((region == key) & (count % size == 0) for key, size in SIZES.items()).any()


def legal(packet):
    """What `test_link` proves of a packet that is executed."""
    kinds = Cat(getattr(packet, kind) for kind in KINDS)
    most = chosen(packet.region, {key: ROOM // size for key, size in SIZES.items()})
    write = (packet.end > DATA_AT) & whole(packet.region, packet.end - DATA_AT)
    step = (packet.end > PAYLOAD_AT) & ((packet.end - PAYLOAD_AT) % 2 == 0)
    return (
        (kinds != 0) & ((kinds & (kinds - 1)) == 0) & (packet.end <= ROOM + 2)
        & (~packet.is_write | write) & (~packet.is_step | step)
        & (~packet.is_read | ((packet.count >= 1) & (packet.count <= most)))
    )  # fmt: skip


def bytes_come(inner, names, in_state):
    """A packet's bytes become words, the last of which ends with the packet."""
    me, now, packet = names.self, names.now, names.self.packet
    region, index = me.access.region, me.word.index
    size = chosen(region, SIZES)
    fetching, inserting = in_state(*FETCH), in_state("INSERT_BYTE")
    begin = Mux(packet.is_step, PAYLOAD_AT, DATA_AT)
    at_word, place = in_state(*AT_WORD), now.position - inserting
    byte, of_word = fetching & ~at_word, place >= begin
    inner.d.comb += [
        Assert(~fetching | packet.is_write | packet.is_step),
        Assert(~in_state("WRITE", "WRITTEN") | packet.is_write),
        Assert(~in_state("INPUT", "OFFER", "AWAIT_STEP", "AWAIT_IDLE") | packet.is_step),
        Assert(~fetching | (region == Mux(packet.is_step, Region.REFERENCES, packet.region))),
        Assert(~fetching | (now.position >= PAYLOAD_AT)),
        Assert(~byte | (place < packet.end)),
        Assert(~byte | Mux(of_word, whole(region, place - begin - index), index == 0)),
        Assert(~byte | (index < size)),
        Assert(~inserting | (now.in_words == of_word)),
        Assert(~inserting | (me.word.last == (index == size - 1))),
        Assert(~at_word | (whole(region, now.position - begin) & (now.position >= begin))),
        Assert(~at_word | (now.position <= packet.end)),
        Assert(~in_state("WRITTEN", "OFFER") | (now.at_end == (now.position == packet.end))),
        Assert(~in_state("OFFER") | (index == 0)),
    ]


def bytes_go(inner, names, in_state):
    """Words are read as often as was asked, and their bytes have room in an answer."""
    me, now, packet = names.self, names.now, names.self.packet
    region, index = me.access.region, me.word.index
    size, words = chosen(region, SIZES), me.output_words_minus_1 + 1
    reading, appending = in_state(*READING), in_state("APPEND_BYTE", "NEXT_BYTE")
    stepping = reading & packet.is_step
    put = Signal(range(SHAPE.packet_bytes))
    inner.d.sync += put.eq(Mux(me.answer.clear, 0, put + me.answer.put))
    bytes_left = chosen_product(region, SIZES, now.words_left) - Mux(appending, index, 0)
    outputs = SIZES[Region.STATE] * Mux(now.reads_cycles, words, 0)
    here = Mux(now.reads_cycles, Region.COUNTERS, Region.STATE)
    inner.d.comb += [
        Assert(~reading | packet.is_read | packet.is_step),
        Assert(~reading | (now.words_left >= 1)),
        Assert(~now.reads_cycles | packet.is_step | ~reading),
        Assert(~now.reads_cycles | reading | in_state(*AFTER_INPUTS)),
        Assert(~in_state("AWAIT_STEP", "AWAIT_IDLE") | now.reads_cycles),
        Assert(~(reading & packet.is_read) | (region == packet.region)),
        Assert(~(reading & packet.is_read) | (now.words_left <= packet.count)),
        Assert(~stepping | (few_outputs(names) & (region == here))),
        Assert(~stepping | (now.words_left <= Mux(now.reads_cycles, 1, words))),
        Assert(~in_state("READ") | (now.cycles <= READ_LATENCY)),
        Assert(~in_state("READ") | (me.word.load == (now.cycles == READ_LATENCY))),
        Assert(~in_state("READ") | (now.cycles == 0) | (index == 0)),
        Assert(~appending | (index < size)),
        Assert(~in_state("APPEND_BYTE") | (me.word.last == (index == size - 1))),
        Assert(~in_state("APPEND_BYTE") | (now.last_word == (now.words_left == 1))),
        Assert(~reading | (put + bytes_left + outputs <= ROOM + 2)),
        Assert(in_state("IDLE", "CHECK", "DECIDE", "RELEASE") | (put <= ROOM + 2)),
        Assert(~in_state("ANSWER_SEQUENCE") | (put == 0)),
        Assert(~in_state("ANSWER_STATUS") | (put == 1)),
        Assert(~in_state("AWAIT_SEQUENCE", "AWAIT_STEP", "AWAIT_IDLE", *FETCH) | (put == 2)),
        Assert(~in_state("IDENTIFY") | (put == now.position + 2)),
    ]


def chosen_product(region, table, factor):
    """A product with an entry of a table by region."""
    found = C(0)
    for key, value in table.items():
        found = Mux(region == key, value * factor, found)
    return found


def few_outputs(names):
    """Whether the outputs of a step have room in an answer."""
    return names.self.output_words_minus_1 < most_outputs(SHAPE)


def what_is_left(names):
    """Cycles until a packet is released, by state."""
    me, now, packet = names.self, names.now, names.self.packet
    region, index = me.access.region, me.word.index
    size = chosen(region, SIZES)
    outputs = word_cycles(SHAPE, Region.STATE) * (me.output_words_minus_1 + 1)
    outputs = Mux(few_outputs(names), outputs, 0)
    step = outputs + word_cycles(SHAPE, Region.COUNTERS) + SEND + 2
    rest = Mux(packet.is_step, step, SEND)
    costs = {key: word_cycles(SHAPE, key) for key in Region}
    words = chosen_product(region, costs, now.words_left - 1)
    tail = words + SEND + Mux(now.reads_cycles, outputs + 1, 0)
    begun = executed(SHAPE) - RESULT_CYCLES - 4
    fetched = FETCH_CYCLES * (packet.end - now.position) + rest
    return {
        "CHECK": begun + 4 + RESULT_CYCLES - now.cycles, "DECIDE": begun + 3,
        "ANSWER_SEQUENCE": begun + 2, "ANSWER_STATUS": begun + 1,
        "IDENTIFY": IDENTITY_BYTES - now.position + SEND,
        "AWAIT_SEQUENCE": RESET_CYCLES - now.cycles + SEND + 1,
        **{state: fetched + more for state, more in FETCH.items()},
        "AWAIT_STEP": rest + 1, "AWAIT_IDLE": rest,
        "READ": tail + READ_LATENCY - now.cycles + 2 * size,
        "APPEND_BYTE": tail + 2 * (size - index) - 1, "NEXT_BYTE": tail + 2 * (size - index),
        "SEND": SEND, "REFUSE": REFUSE, "RELEASE": RELEASE,
    }  # fmt: skip


def known(inner, names):
    """What only the induction needs: where the bytes of a packet and of its answer stand."""
    machine, now = names.machine, names.now

    def in_state(*states):
        return among(machine, *states)

    inner.d.comb += [
        Assert(~in_state("CHECK") | (now.cycles <= RESULT_CYCLES)),
        Assert(~in_state("IDENTIFY") | (now.position < IDENTITY_BYTES)),
        Assert(~in_state("AWAIT_SEQUENCE") | (now.cycles <= RESET_CYCLES)),
    ]
    bytes_come(inner, names, in_state)
    bytes_go(inner, names, in_state)


def carried_out(inner, names):
    """What is left of a packet falls, and an answer or a refusal is sent of each."""
    me, machine, now, packet = names.self, names.machine, names.now, names.self.packet

    def in_state(*states):
        return among(machine, *states)

    given = Cat(getattr(packet, name) for name in ("end", "region", "count", *KINDS))
    given = Cat(given, me.output_words_minus_1)
    rests, before = Signal(), Signal(len(given))
    inner.d.sync += [before.eq(given), rests.eq(~in_state("IDLE", "CHECK"))]
    acting = ~in_state("IDLE", "CHECK", "DECIDE", "RELEASE")
    inner.d.comb += [
        Assume(~rests | (given == before)),
        Assume(~acting | legal(packet)),
        Assert(~in_state("RELEASE") | me.answer.send | me.answer.refuse),
    ]
    measure = Signal(range(2 * executed(SHAPE)))
    for state, left in what_is_left(names).items():
        with inner.If(in_state(state)):
            inner.d.comb += measure.eq(left)
    waits = (
        (in_state("OFFER") & ~names.accepted) | (in_state("AWAIT_STEP") & ~me.done)
        | (in_state("AWAIT_IDLE") & me.busy)
        | (in_state("AWAIT_SEQUENCE") & (now.cycles == RESET_CYCLES) & me.busy)
    )  # fmt: skip
    falls(inner, measure, waits=waits, begins=in_state("IDLE"), most=executed(SHAPE))


def executor_design():
    """An executor with its word register in a module, and what is free."""
    m = Module()
    m.submodules.executor = executor = PacketExecutor(geometry=SHAPE)
    m.submodules.word = word = WordRegister(geometry=SHAPE)
    inputs = [word.byte, word.read_data]
    answers = {"last", "word"}
    for name in executor.word.signature.members:
        ports = getattr(executor.word, name), getattr(word.control, name)
        target, source = ports if name in answers else ports[::-1]
        m.d.comb += Value.cast(target).eq(Value.cast(source))
    joined = {id(Value.cast(getattr(executor.word, name))) for name in answers}
    inputs += [value for value in inputs_of(executor) if id(value) not in joined]
    return m, inputs


def executor_proof():
    """A packet is carried out and answered in `executed` cycles, the core's aside."""
    m, inputs = executor_design()
    with watched({PacketExecutor: carried_out}, {PacketExecutor: known}):
        return prove(m, inputs, 3, base=10, memories=FREE)


def spoilt_executor(fault, given):
    """What becomes of one packet from the beginning, without what only the induction needs.

    ``given`` has what its port and the core say; what it does not name is 0.
    """
    m, inputs = executor_design()

    def packet(inner, names):
        me = names.self
        says = {"held": 1, "done": 1} | given
        for path, member, value in me.signature.flatten(me):
            if member.flow is In and path[0] != "word":
                inner.d.comb += Assume(value == says.get(path[-1], 0))

    with watched({PacketExecutor: carried_out}, {PacketExecutor: packet}, {PacketExecutor: fault}):
        return prove_beginning(m, inputs, 90, memories=FREE)


def test_a_packet_is_carried_out_and_answered():
    proof = executor_proof()
    assert proof.holds, proof.log


def reads_for_ever(inner, names):
    with inner.If(among(names.machine, "APPEND_BYTE")):
        inner.d.sync += names.now.words_left.eq(names.now.words_left)


def misses_its_end(inner, names):
    inner.d.sync += names.now.at_end.eq(0)


def answers_with_all_it_has(inner, names):
    inner.d.sync += names.now.wrong.eq(0)


def waits_for_nothing(inner, names):
    with inner.If(among(names.machine, "AWAIT_SEQUENCE")):
        inner.d.sync += names.now.cycles.eq(0)


def says_nothing(inner, names):
    inner.d.sync += names.self.answer.send.eq(0)


READ = {"is_read": 1, "end": DATA_AT + 1, "region": Region.STATE, "count": 2}
WRITE = {"is_write": 1, "end": DATA_AT + 2, "region": Region.REFERENCES}
STEP = {"is_step": 1, "end": PAYLOAD_AT + 2, "ready": 1, "output_words_minus_1": 0xFFFF}


@pytest.mark.parametrize(
    ("fault", "given"),
    [
        (reads_for_ever, READ),
        (misses_its_end, WRITE),
        (answers_with_all_it_has, STEP),
        (waits_for_nothing, {"is_new_sequence": 1, "end": PAYLOAD_AT}),
        (says_nothing, {"is_commit": 1, "end": DATA_AT + 2}),
    ],
)
def test_a_packet_that_does_not_end_or_is_not_answered_is_found_out(fault, given):
    assert spoilt_executor(fault, given).failed == BASE
