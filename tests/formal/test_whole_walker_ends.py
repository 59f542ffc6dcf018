"""The walker of whole columns ends, whatever the table and the lists' lengths say."""

import pytest
from amaranth import *
from amaranth.hdl import Assert
from formal.measures import falls
from formal.prover import BASE, among, inputs_of, prove, watched
from formal.walkers import DEPTH, ENTER, FOUND, LATENCY, environment, waits_to_begin

from thresh.gateware.whole_columns.whole_column_walker import WholeColumnWalker
from thresh.layout.layer_table import SDRAM_FIELDS
from thresh.model.network import MAX_LAYERS
from thresh.performance.longest_step import WAIT, layer_columns

EVENT = WholeColumnWalker.event_interval(LATENCY)
COLUMNS = 2 * (DEPTH * EVENT + 2)
"""Cycles of two lists, an event in each `EVENT` cycles."""
FETCH = WholeColumnWalker.fetch_cycles(SDRAM_FIELDS, LATENCY)
MOST = MAX_LAYERS * (COLUMNS + ENTER + FETCH + 1)
"""Cycles of a step without those in which the walker waits."""


def whole_rule(inner, names):
    """Of a `WholeColumnWalker`: two lists, an event in each, and the way to the next layer."""
    walker, machine, left = names.self, names.machine, names.left
    inside = left * EVENT + Mux(walker.o.inputs, 2, DEPTH * EVENT + 3)
    inside = Mux(among(machine, "PAUSE"), inside + names.pause + 1, inside)
    inside = Mux(among(machine, "MARK"), 1, inside)
    for name, cycles in {"BEGIN": ENTER, "LOOKUP": 4, "COUNT": 3, "CHOOSE": 2}.items():
        inside = Mux(among(machine, name), COLUMNS + cycles, inside)
    inside = Mux(among(machine, "FETCH"), COLUMNS + ENTER + FETCH - names.fetched, inside)
    measure = Signal(range(2 * MOST))
    layers = MAX_LAYERS - 1 - names.layer
    inner.d.comb += measure.eq(layers * (COLUMNS + ENTER + FETCH + 1) + inside)
    empty = left == 0
    waits = (
        waits_to_begin(machine, walker, names, names.h_left == 0)
        | (among(machine, "COLUMNS") & empty & ~walker.o.inputs & ~names.inputs.known)
        | (among(machine, "COLUMNS") & ~empty & ~walker.o.credit)
        | (among(machine, "MARK") & ~walker.o.credit)
    )
    ended = names.advance & names.last_layer
    falls(inner, measure, waits=waits, begins=ended, most=MOST)
    inner.d.comb += [
        Assert(names.fetched < FETCH),
        Assert(among(machine, "FETCH") | (names.fetched == 0)),
        Assert(~names.stale),
        Assert((left <= DEPTH) & (names.h_left <= DEPTH) & (names.x_left <= DEPTH)),
        Assert(names.pause <= LATENCY),
        Assert(~among(machine, "PAUSE") | (left < DEPTH)),
    ]


def whole_proof(faults=(), base=None):
    walker = WholeColumnWalker(depth=DEPTH, read_latency=LATENCY)
    m = Module()
    m.submodules.walker = walker
    environment(m, walker)
    with watched({WholeColumnWalker: whole_rule}, dict(faults)):
        return prove(m, inputs_of(walker), 2, base=base)


def test_a_step_of_the_whole_column_walker_ends():
    assert MAX_LAYERS * (layer_columns(lists=2 * DEPTH, words=1) + WAIT) >= MOST
    proof = whole_proof()
    assert proof.holds, proof.log


def asks_for_ever(inner, names):
    with inner.If(names.self.o.issue):
        inner.d.sync += names.left.eq(names.left)


def pauses_for_ever(inner, names):
    with inner.If(among(names.machine, "PAUSE")):
        inner.d.sync += names.pause.eq(names.pause)


def marks_in_vain(inner, names):
    """The last layer's mark leads back to it."""
    with inner.If(names.self.o.mark):
        inner.d.sync += names.layer.eq(names.layer)


@pytest.mark.parametrize("fault", [asks_for_ever, pauses_for_ever, marks_in_vain])
def test_a_whole_column_walker_that_does_not_end_is_found_out(fault):
    proof = whole_proof({WholeColumnWalker: fault}.items(), base=FOUND)
    assert proof.failed == BASE
