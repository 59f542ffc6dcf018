"""Memories that one block writes and another reads: when the one may, the other does not.

From outside nothing is reached during a step, or it is read again; the length of a layer's list is
read while the sequencer is in another layer, or in none.
"""

import pytest
from amaranth import *
from amaranth.hdl import Assert, Assume
from formal.prover import BASE, FREE, among, constant, inputs_of, prove, watched
from formal.walkers import DEPTH, FOUND
from link_bench import geometry

from thresh.gateware.columns.column_walker import ColumnWalker
from thresh.gateware.link.packet_executor import RESET_CYCLES, PacketExecutor
from thresh.gateware.whole_columns.whole_column_walker import WholeColumnWalker
from thresh.layout.layer_table import LAST_LAYER
from thresh.layout.link import Command

COLLECTS = ("FETCH_BYTE", "AWAIT_BYTE", "INSERT_BYTE")
REACHES = (*COLLECTS, "WRITE", "WRITTEN", "READ", "APPEND_BYTE", "NEXT_BYTE", "SEND")


def executor_proof(faults=(), base=None):
    """From a step's first input, and from a new sequence, until the core is done and rests."""
    unit = PacketExecutor(geometry=geometry(lanes=8, pointwise_lanes=2))
    m = Module()
    m.submodules.unit = unit
    # A packet is held, and is one command.
    kinds = Cat(getattr(unit.packet, f"is_{command.name.lower()}") for command in Command)
    kinds_before, held = Signal.like(kinds), Signal()
    m.d.sync += kinds_before.eq(kinds)
    m.d.comb += Assume(~held | (kinds == kinds_before))
    m.d.comb += Assume(sum(kinds[n] for n in range(len(kinds))) <= 1)
    # A step is done once all its inputs came; a core is busy soon after a new sequence began.
    steps, ends, resets, cycles = Signal(), Signal(), Signal(), Signal(range(RESET_CYCLES + 2))
    with m.If(~unit.busy):
        m.d.sync += ends.eq(0)
    with m.If(unit.done):
        m.d.sync += [steps.eq(0), ends.eq(1)]
    with m.If(unit.x.valid & unit.x.ready):
        m.d.sync += steps.eq(1)
    m.d.sync += cycles.eq(cycles + (cycles < RESET_CYCLES))
    with m.If((cycles == RESET_CYCLES) & ~unit.busy):
        m.d.sync += resets.eq(0)
    with m.If(unit.new_sequence):
        m.d.sync += [resets.eq(1), cycles.eq(1)]
    m.d.comb += Assert(~(unit.access.enable | unit.access.write) | ~(steps | ends | resets))

    def executor(inner, names):
        machine, packet = names.machine, unit.packet
        stepping = packet.is_step & among(machine, *COLLECTS, "INPUT", "OFFER", "AWAIT_STEP")
        inner.d.comb += [
            held.eq(~among(machine, "IDLE", "CHECK", "DECIDE", "RELEASE", "ANSWER_SEQUENCE")),
            Assume(~unit.done | (steps & among(machine, "AWAIT_STEP"))),
            Assert(~(steps | unit.x.valid) | stepping),
            Assert(~unit.x.valid | among(machine, "OFFER")),
            Assert(~names.accepted | among(machine, "OFFER")),
            Assert(~among(machine, "INPUT", "OFFER", "AWAIT_STEP") | packet.is_step),
            Assert(~among(machine, "WRITE", "WRITTEN") | packet.is_write),
            Assert(~among(machine, *COLLECTS) | packet.is_step | packet.is_write),
            Assert(~ends | among(machine, "AWAIT_IDLE")),
            Assert(~(resets | unit.new_sequence) | among(machine, "AWAIT_SEQUENCE")),
            Assert(~resets | (cycles == names.now.cycles)),
            Assert(~unit.new_sequence | (names.now.cycles == 0)),
            Assert(~unit.access.enable | among(machine, *REACHES)),
            Assert(~unit.access.enable | ~stepping),
            Assert(~unit.access.write | (unit.access.enable & among(machine, "WRITTEN"))),
            Assert(~among(machine, "WRITE", "WRITTEN") | unit.access.enable),
            Assert(~(among(machine, *COLLECTS) & packet.is_write) | unit.access.enable),
        ]

    with watched({PacketExecutor: executor}, dict(faults)):
        return prove(m, inputs_of(unit), 2, base=base, memories=FREE)


def test_nothing_is_reached_during_a_step():
    proof = executor_proof()
    assert proof.holds, proof.log


def table_proof(walker, faults=(), base=None):
    """No layer is begun with words that were read while the table was written."""
    m = Module()
    m.submodules.walker = walker
    m.d.comb += Assume(~walker.table.written | walker.table.opened)

    def fetched(inner, names):
        machine, dirty, written_before = names.machine, Signal(), Signal()
        inner.d.sync += written_before.eq(walker.table.written)
        with inner.If(among(machine, "FETCH") & (names.fetched == 0)):
            inner.d.sync += dirty.eq(0)
        with inner.If(walker.table.written):
            inner.d.sync += dirty.eq(1)
        inner.d.comb += [
            Assert(among(machine, "FETCH") | (names.fetched == 0)),
            Assert(~(dirty & among(machine, "BEGIN")) | names.stale),
            Assert(~(dirty & among(machine, "FETCH")) | names.stale | (names.fetched == 0)),
            Assert(~(dirty & among(machine, "LOOKUP")) | written_before),
        ]

    with watched({type(walker): fetched}, dict(faults)):
        return prove(m, inputs_of(walker), 2, base=base)


WALKERS = {
    ColumnWalker: lambda: ColumnWalker(depth=DEPTH, weight_depth=16, blocks=2),
    WholeColumnWalker: lambda: WholeColumnWalker(depth=DEPTH),
}


@pytest.mark.parametrize("kind", WALKERS)
def test_a_table_that_is_written_is_read_again(kind):
    proof = table_proof(WALKERS[kind]())
    assert proof.holds, proof.log


def leaves_it_open(inner, names):
    """After a packet the memory stays open."""
    with inner.If(among(names.machine, "SEND")):
        inner.d.sync += names.self.access.enable.eq(1)


def does_not_wait(inner, names):
    """A new sequence is answered at once."""
    with inner.If(among(names.machine, "AWAIT_SEQUENCE")):
        inner.d.sync += names.self.access.enable.eq(1)


@pytest.mark.parametrize("fault", [leaves_it_open, does_not_wait])
def test_a_link_that_reaches_a_core_at_work_is_found_out(fault):
    assert executor_proof({PacketExecutor: fault}.items(), base=24).failed == BASE


def forgets_what_was_written(inner, names):
    """What is written while a layer's words are read is not read again."""
    with inner.If(among(names.machine, "FETCH")):
        inner.d.sync += names.stale.eq(0)


@pytest.mark.parametrize("kind", WALKERS)
def test_a_table_that_is_not_read_again_is_found_out(kind):
    proof = table_proof(WALKERS[kind](), {kind: forgets_what_was_written}.items(), base=16)
    assert proof.failed == BASE


def lengths_proof(walker, faults=(), base=None):
    """The length of a layer's list, of the step before, is read when the sequencer, which writes
    the lengths, has the token of another layer, or rests; the table holds still."""
    m = Module()
    m.submodules.walker = walker
    token, alone = walker.layers.token, constant(m, 1, "alone")
    taken, some, rests = Signal.like(token.p.layer), Signal(), Signal()
    with m.If(token.valid):
        m.d.sync += [taken.eq(token.p.layer), some.eq(1)]
    m.d.sync += rests.eq(walker.layers.idle)
    m.d.comb += Assume(~walker.table.written)
    latest, any_ = Mux(token.valid, token.p.layer, taken), some | token.valid

    def reads(inner, names):
        machine, layer, fetched = names.machine, names.layer, names.fetched
        fetches = among(machine, "FETCH")
        known = ~fetches | (fetched > walker.read_latency)
        first, word = fetches & (fetched == walker.read_latency), walker.table.word
        only = (names.fields["kind"] & LAST_LAYER).any()
        before = among(machine, "FETCH", "BEGIN", "LOOKUP", "COUNT", "CHOOSE")
        inner.d.comb += [
            # The first layer is the last one in every step, or in none.
            Assume(~first | (layer != 0) | ((word & LAST_LAYER).any() == alone)),
            Assert(fetches | (fetched == 0)),
            Assert((layer != 0) | ~known | (only == alone)),
            Assert(~any_ | before | (latest == layer)),
            Assert(
                ~any_ | ~before | Mux(layer == 0, (latest != 0) | alone, latest == layer - 1)
            ),
            Assert(~among(machine, "LOOKUP", "COUNT", "CHOOSE") | ~token.valid),
            Assert(before | any_),
            Assert((layer == 0) | any_),
            Assert(~among(machine, "LOOKUP") | ~any_ | (latest != layer) | rests),
        ]  # fmt: skip

    with watched({type(walker): reads}, dict(faults)):
        return prove(m, [*inputs_of(walker), alone], 3, base=base)


@pytest.mark.parametrize("kind", WALKERS)
def test_lengths_are_not_read_while_they_are_written(kind):
    proof = lengths_proof(WALKERS[kind]())
    assert proof.holds, proof.log


def does_not_let_it_rest(inner, names):
    """A single layer begins while its step before is still activated."""
    machine, token = names.machine, names.self.layers.token
    with inner.If(among(machine, "BEGIN") & names.self.lists.x_complete & ~token.valid):
        inner.d.sync += machine.state.eq(machine.encoding["LOOKUP"])


def test_lengths_that_are_read_too_early_are_found_out():
    faults = {WholeColumnWalker: does_not_let_it_rest}
    proof = lengths_proof(WALKERS[WholeColumnWalker](), faults.items(), base=FOUND)
    assert proof.failed == BASE
