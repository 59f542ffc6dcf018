"""No memory's word that is wanted is read while it is written: block RAMs have no bypass.

Those of the pointwise stage are in `test_pointwise_memories`, of events in `test_queue`, and of
references in `test_encoder`.
"""

import re
from pathlib import Path

import pytest
from amaranth import *
from amaranth.hdl import Assert, Assume
from amaranth.lib.fifo import SyncFIFOBuffered
from formal.ports import apart, meets
from formal.prover import BASE, FREE, among, inputs_of, prove, prove_beginning, watched
from formal.spoken import says
from link_bench import geometry

import thresh.gateware
from thresh.gateware.audio.front_end import FrontEnd
from thresh.gateware.audio.word_spotter import WordSpotter
from thresh.gateware.columns.capture_difference import CaptureDifference
from thresh.gateware.columns.capture_queue import CaptureQueue
from thresh.gateware.columns.column_mac import ColumnMAC
from thresh.gateware.control.counters import Counters
from thresh.gateware.lib.delayed import delayed
from thresh.gateware.link.answer_memory import AnswerMemory
from thresh.gateware.link.host_link import HostLink
from thresh.gateware.link.packet_executor import PacketExecutor
from thresh.gateware.link.packet_receiver import PacketReceiver
from thresh.gateware.link.packet_sender import PacketSender
from thresh.layout.link import Command, commit_payload, packet

PROVEN = {
    "audio/front_end": "memories", "audio/front_end_sequencer": "read only",
    "audio/word_spotter": "memories", "columns/capture_difference": "memories",
    "columns/capture_queue": "read at once", "columns/column_memory": "memories_outside",
    "control/counters": "memories", "control/layer_table": "memories_outside",
    "device/message_sender": "two clocks", "device/sample_queue": "two clocks",
    "encode/event_memory": "queue", "encode/event_sieve": "memories",
    "encode/list_lengths": "memories_outside",
    "encode/reference_memory": "encoder", "link/answer_memory": "memories",
    "link/packet_receiver": "memories", "pointwise/activation": "read only",
    "pointwise/delta_memory": "pointwise_memories", "pointwise/program_memory": "read only",
    "pointwise/state_memory": "pointwise_memories", "lib/registered_queue": "registered_queue",
    "shells/bus_core": "memories", "whole_columns/column_requests": "memories",
    "whole_columns/sum_memory": "sum_memories",
}  # fmt: skip
"""Where each memory's proof is, or why none is needed."""


def test_no_memory_is_left_out():
    pattern, gateware = (
        re.compile(r"\b(Memory|SyncFIFOBuffered)\("),
        Path(thresh.gateware.__path__[0]),
    )
    found = {
        str(path.relative_to(gateware).with_suffix(""))
        for path in gateware.rglob("*.py")
        if pattern.search(path.read_text())
    }
    assert found == set(PROVEN)


def module_of(component):
    m = Module()
    m.submodules.component = component
    return m


def queue_proof(depth, faults=()):
    """A queue reads behind its end only when it is empty, and then it does not read."""

    def queue(inner, names):
        level, words = names.inner_level, names.inner_depth
        end = names.consume + level
        inner.d.comb += [
            Assert(level <= words),
            Assert(names.consume < words),
            Assert(names.produce == Mux(end >= words, end - words, end)),
        ]
        apart(inner, names.storage)

    unit = SyncFIFOBuffered(width=1, depth=depth)
    inputs = [unit.w_en, unit.w_data, unit.r_en]
    with watched({SyncFIFOBuffered: queue}, dict(faults)):
        return prove(module_of(unit), inputs, 1, base=12, memories=FREE)


@pytest.mark.parametrize("depth", [5, 6])
def test_a_queue_reads_no_word_that_is_written(depth):
    proof = queue_proof(depth)
    assert proof.holds, proof.log


def reads_when_it_is_empty(inner, names):
    inner.d.comb += names.r_port.en.eq(1)


def test_a_queue_that_reads_when_it_is_empty_is_found_out():
    assert queue_proof(5, {SyncFIFOBuffered: reads_when_it_is_empty}.items()).failed == BASE


def capture_proof(captures, faults=()):
    """The capture before is read a word ahead of the one that is written."""
    unit = ColumnMAC(
        lanes=8, pointwise_lanes=2, weight_bits=4, value_bits=8, captures=captures,
        lead=int(captures > 1),
    )  # fmt: skip

    def difference(inner, names):
        apart(inner, names.before)

    def queue(inner, names):
        following = (names.place + 1)[: len(names.place)]
        inner.d.comb += Assert(names.following == following)

    with watched({CaptureDifference: difference, CaptureQueue: queue}, dict(faults)):
        return prove(module_of(unit), inputs_of(unit), 2, base=8, memories=FREE)


@pytest.mark.parametrize("captures", [1, 5])
def test_the_capture_before_is_read_ahead(captures):
    proof = capture_proof(captures)
    assert proof.holds, proof.log


def reads_where_it_writes(inner, names):
    inner.d.comb += names.read.addr.eq(names.write.addr)


def test_a_capture_that_is_read_where_it_is_written_is_found_out():
    assert capture_proof(1, {CaptureDifference: reads_where_it_writes}.items()).failed == BASE


def counters_proof(faults=()):
    unit = Counters(count_bits=4, saturation_bits=2, step_bits=8)

    def totals(inner, names):
        waits = among(names.machine, "IDLE") & ~names.self.busy
        apart(inner, names.totals, among(names.machine, "FETCH") | waits)

    with watched({Counters: totals}, dict(faults)):
        return prove(module_of(unit), inputs_of(unit), 1, base=8, memories=FREE)


def test_counters_are_not_read_while_they_are_written():
    proof = counters_proof()
    assert proof.holds, proof.log


def clears_unsaid(inner, names):
    with inner.If(names.clearing):
        inner.d.comb += names.self.busy.eq(0)


def test_counters_that_are_cleared_while_they_are_read_are_found_out():
    assert counters_proof({Counters: clears_unsaid}.items()).failed == BASE


def spotter_proof(faults=()):
    """Tables are written while no score comes."""
    unit = WordSpotter()
    m = module_of(unit)

    def spotter(inner, names):
        machine = names.machine
        wants = among(machine, "THRESHOLD", "DECIDE") | (among(machine, "FETCH") & unit.i.valid)
        inner.d.comb += Assume(
            ~unit.write | (among(machine, "FETCH") & ~unit.i.valid) | among(machine, "SEND")
        )
        apart(inner, names.memory, wants)

    with watched({WordSpotter: spotter}, dict(faults)):
        return prove(m, inputs_of(unit), 1, base=8, memories=FREE)


def test_scores_are_not_read_while_they_are_written():
    proof = spotter_proof()
    assert proof.holds, proof.log


def writes_what_it_fetches(inner, names):
    inner.d.comb += names.write.en.eq(1)


def test_scores_that_are_written_while_they_are_read_are_found_out():
    assert spotter_proof({WordSpotter: writes_what_it_fetches}.items()).failed == BASE


def samples_proof(faults=()):
    """A front end's samples and results are read or written; its table while no frame is begun."""
    unit = FrontEnd(points=64, window=50, hop=20, init=[0] * 128)

    def samples(inner, names):
        for read in names.samples.read_ports:
            for write in names.samples.write_ports:
                inner.d.comb += Assert(~(read.en & write.en))

    with watched({FrontEnd: samples}, dict(faults)):
        return prove(module_of(unit), inputs_of(unit), 1, base=4, memories=FREE)


def test_samples_are_read_or_written():
    proof = samples_proof()
    assert proof.holds, proof.log


def writes_what_it_reads(inner, names):
    for read in names.samples.read_ports:
        inner.d.comb += read.en.eq(1)


def test_samples_that_are_read_and_written_are_found_out():
    assert samples_proof({FrontEnd: writes_what_it_reads}.items()).failed == BASE


def link_design():
    """A link in a module, the link, and the rules that say what must hold."""
    unit = HostLink(geometry=geometry(lanes=8, pointwise_lanes=2), clock_khz=48_000)
    m = module_of(unit)
    collides = Signal()

    def receiver(inner, names):
        apart(inner, names.buffer, names.self.held)

    def answer(inner, names):
        memory = names.memory
        hit = meets(memory.read_ports[0], memory.write_ports[0])
        inner.d.comb += collides.eq(delayed(inner, hit, 2, "hit")[-1])

    def sender(inner, names):
        takes = among(names.machine, "CHOOSE") & names.some_left & ~names.refusing
        inner.d.comb += Assert(~(takes & collides))

    return m, unit, {PacketReceiver: receiver, AnswerMemory: answer, PacketSender: sender}


def sends_what_is_whole(inner, names):
    """An answer is sent when it has been put together, and before the next one."""
    order, machine = names.self.answer, names.machine
    inner.d.comb += [
        Assert(~(order.send | order.refuse) | among(machine, "RELEASE")),
        Assert(~order.busy | among(machine, "IDLE")),
    ]


def link_proof():
    """Bytes of a packet are read while it is held, of an answer once it is whole."""
    m, unit, rules = link_design()
    with watched(rules, {PacketExecutor: sends_what_is_whole}):
        return prove(m, inputs_of(unit), 5, memories=FREE)


def spoilt_link(fault, said, cycles):
    """What becomes of these memories, without helpers, where a host says these bytes."""
    m, unit, rules = link_design()
    says(m, unit, said)
    with watched(rules, fault):
        return prove_beginning(m, inputs_of(unit), cycles, memories=FREE)


def test_bytes_of_packets_are_not_read_while_they_are_written():
    proof = link_proof()
    assert proof.holds, proof.log


def takes_a_byte_while_it_is_read(inner, names):
    """What comes while a packet is held is written all the same."""
    with inner.If(names.self.held & names.byte_valid):
        inner.d.comb += names.write.en.eq(1)


def writes_where_it_is_read(inner, names):
    inner.d.comb += [names.write.en.eq(1), names.write.addr.eq(names.read.addr)]


IDENTIFY = packet(1, Command.IDENTIFY)
BEGIN = packet(1, Command.COMMIT, commit_payload(False))


@pytest.mark.parametrize(
    ("kind", "fault", "said", "cycles"),
    [
        (PacketReceiver, takes_a_byte_while_it_is_read, [*IDENTIFY, *[0] * 40], 60),
        (AnswerMemory, writes_where_it_is_read, BEGIN, 60),
    ],
    ids=["takes_a_byte_while_it_is_read", "writes_where_it_is_read"],
)
def test_bytes_that_are_read_while_they_are_written_are_found_out(kind, fault, said, cycles):
    assert spoilt_link({kind: fault}, said, cycles).failed == BASE
