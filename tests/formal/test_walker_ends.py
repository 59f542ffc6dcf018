"""The column walker ends, whatever the table and the lists' lengths say.

What is left of a step is counted in cycles (`formal.measures.falls`).
"""

import pytest
from amaranth import *
from amaranth.hdl import Assert
from formal.measures import falls
from formal.prover import BASE, among, inputs_of, prove, watched
from formal.walkers import (
    BLOCKS,
    DEPTH,
    ENTER,
    FOUND,
    LATENCY,
    SPACING,
    Order,
    environment,
    waits_to_begin,
)

from thresh.gateware.columns.column_walker import ColumnWalker
from thresh.gateware.columns.input_list import InputList
from thresh.gateware.columns.list_length import ListLength
from thresh.gateware.columns.list_replay import ListReplay
from thresh.gateware.columns.pass_order import PassOrder
from thresh.layout.layer_table import MAC_FIELDS
from thresh.model.network import MAX_LAYERS
from thresh.performance.longest_step import PASSES, WAIT, layer_replays


def lengths(inner, names):
    """What is known of a list's length is so of some length that a list may have."""
    o = names.self.o
    length = (o.limit + 3)[: len(o.limit)]
    inner.d.comb += [
        Assert(~o.some | ((length != 0) & (length <= names.self.depth))),
        Assert(o.one == (o.some & (length == 1))),
        Assert(o.two == (o.some & (length == 2))),
    ]


def events_left(replay, names):
    """Events that are left of the list under way."""
    far = (names.limit - names.offset)[: len(names.limit)] + 3
    early = Mux(names.is_two, 2, far)
    late = Mux(names.third_last, 2, far)
    return Mux(replay.final, 1, Mux(names.first, early, late))


LIST = DEPTH + 2
"""Cycles in one list, with the wait for it."""

PASS = 2 * LIST
"""Cycles of a pass: two lists."""

LAYER = PASSES * BLOCKS * PASS
FETCH = ColumnWalker.fetch_cycles(MAC_FIELDS, LATENCY)
MOST = MAX_LAYERS * (LAYER + ENTER + FETCH + 1)
"""Cycles of a step without those in which the walker waits."""


def replay_rules(shared):
    """Rules for a `ColumnWalker` and its parts."""

    def walker_rule(inner, names):
        walker, machine, replay = names.self, names.machine, names.replay
        place = Order(inner, names.order)
        shared[names.order] = place
        replays, awaits = among(machine, "REPLAY"), among(machine, "AWAIT")
        inner.d.comb += place.inside.eq(among(machine, "CHOOSE", "REPLAY", "AWAIT"))
        left = shared[names.replay] = Signal(range(4 * DEPTH))
        listening = shared[names.inputs] = Signal()
        lists = Mux(replay.ends, 1, Mux(replay.in_h, LIST + 2, 1) + left)
        lists = Mux(awaits, LIST + 2, lists)
        of_state = {"BEGIN": ENTER, "LOOKUP": 4, "COUNT": 3, "CHOOSE": 2}
        before = C(0, 8)
        for name, cycles in of_state.items():
            before = Mux(among(machine, name), LAYER + cycles, before)
        before = Mux(among(machine, "FETCH"), LAYER + ENTER + FETCH - names.fetched, before)
        inside = Mux(replays | awaits, place.left * PASS + lists, before)
        layers = MAX_LAYERS - 1 - names.layer
        measure = Signal(range(2 * MOST))
        inner.d.comb += measure.eq(layers * (LAYER + ENTER + FETCH + 1) + inside)
        credit, known, known_before = walker.o.credit, names.inputs.known, Signal()
        inner.d.sync += known_before.eq(known)
        waits = (
            waits_to_begin(machine, walker, names, ~names.h.some)
            | (awaits & ~names.inputs.known)
            | (replays & ~credit & (replay.ends | C(walker.waits)))
        )
        # As many passes are marked as the sequencer takes: each block's.
        marked, all_passes = Signal(6), (place.order.blocks_minus_1 + 1) * place.passes
        inner.d.sync += marked.eq(Mux(among(machine, "FETCH"), 0, marked + walker.o.mark))
        with inner.If(among(machine, "BEGIN", "LOOKUP", "COUNT")):
            inner.d.comb += Assert(marked == 0)
        with inner.If(place.inside):
            inner.d.comb += [
                Assert(marked + place.exactly == all_passes),
                Assert(place.finishes == (place.exactly == 1)),
            ]
        ended = Signal()
        inner.d.comb += ended.eq(names.advance & (names.last_layer))
        falls(inner, measure, waits=waits, begins=ended, most=MOST)
        rested = place.age == SPACING - 1
        inner.d.comb += [
            Assert(~among(machine, "BEGIN", "LOOKUP", "COUNT") | ~listening),
            Assert(~among(machine, "BEGIN", "LOOKUP", "COUNT") | rested),
            Assert(~among(machine, "FETCH") | rested | (place.age >= names.fetched)),
            Assert(listening | ~names.inputs.known),
            Assert(~place.inside | known | place.new),
            Assert(~replays | ~(replay.ends | replay.in_x) | known_before),
            Assert(names.x_none == (names.inputs.known & ~names.x.some)),
            Assert(~(among(machine, "CHOOSE") & (place.age < SPACING - 1)) | ~names.inputs.known),
            Assert(names.fetched < FETCH),
            Assert(among(machine, "FETCH") | (names.fetched == 0)),
            Assert(~names.stale),
            Assert(~(replays & ~replay.ends) | (replay.in_h ^ replay.in_x)),
            Assert(~(replays & ~replay.ends) | ((left != 0) & (left <= DEPTH))),
            Assert(~(replays & replay.in_x) | (replay.final == replay.ends) | (left == 0)),
        ]

    def order_rule(inner, names):
        shared[names.self].agrees(inner, names)

    def list_rule(inner, names):
        inner.d.comb += shared[names.self].eq(events_left(names.self, names))

    def input_rule(inner, names):
        inner.d.comb += shared[names.self].eq(names.listening)

    return {
        InputList: input_rule, ColumnWalker: walker_rule, PassOrder: order_rule,
        ListReplay: list_rule, ListLength: lengths,
    }  # fmt: skip


def replay_proof(interleave, waits, faults=(), base=None):
    walker = ColumnWalker(
        depth=DEPTH, weight_depth=16, blocks=BLOCKS, interleave=interleave, read_latency=LATENCY,
        waits=waits,
    )  # fmt: skip
    m = Module()
    m.submodules.walker = walker
    environment(m, walker)
    with watched(replay_rules({}), dict(faults)):
        return prove(m, inputs_of(walker), 4, base=base)


@pytest.mark.parametrize(("interleave", "waits"), [(1, False), (2, False), (1, True), (2, True)])
def test_a_step_of_the_column_walker_ends(interleave, waits):
    assert MAX_LAYERS * (layer_replays(blocks=BLOCKS, lists=2 * DEPTH) + WAIT) >= MOST
    proof = replay_proof(interleave, waits)
    assert proof.holds, proof.log


def never_finishes(inner, names):
    """A layer's last pass is not known as such."""
    inner.d.sync += names.self.finishes.eq(0)


def counts_no_groups(inner, names):
    with inner.If(names.group_ended):
        inner.d.sync += names.groups_left.eq(names.groups_left)


def overlooks_the_end(inner, names):
    """A list of three events or more has no end."""
    inner.d.sync += names.third_last.eq(0)


def waits_for_ever(inner, names):
    """It does not see that the inputs came."""
    with inner.If(among(names.machine, "AWAIT")):
        inner.d.sync += names.machine.state.eq(names.machine.state)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (PassOrder, never_finishes), (PassOrder, counts_no_groups),
        (ListReplay, overlooks_the_end), (ColumnWalker, waits_for_ever),
    ],
)  # fmt: skip
def test_a_column_walker_that_does_not_end_is_found_out(kind, fault):
    proof = replay_proof(1, False, {kind: fault}.items(), base=FOUND)
    assert proof.failed == BASE
