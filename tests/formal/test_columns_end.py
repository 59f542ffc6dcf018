"""What a column walker waits for comes: room for events, and words of columns, in stated cycles."""

import pytest
from amaranth import *
from amaranth.hdl import Assert, Assume
from formal.measures import falls
from formal.prover import BASE, among, inputs_of, prove, watched

from thresh.gateware.encode.event_serializer import EventSerializer
from thresh.gateware.encode.state_counter import StateCounter
from thresh.gateware.sdram.column_cutter import ColumnCutter
from thresh.gateware.whole_columns.sparse_reader import SparseReader
from thresh.gateware.whole_columns.sparse_source import SparseSource
from thresh.layout.geometry import Geometry
from thresh.layout.layer_table import REST_SHIFT
from thresh.layout.sdram_chip import ULX3S_SDRAM

SPARSE = Geometry(
    lanes=8, weight_depth=64, accumulator_depth=64, state_depth=64, value_depth=16, sparse=True
)


def module_of(component):
    m = Module()
    m.submodules.component = component
    return m


def reader_proof(faults=()):
    """A sparse column takes as many cycles as its request says, words and rest, and no more."""
    request = SparseSource.request_layout(SPARSE)
    unit = SparseReader(request=request, value_bits=8)
    most = (1 << REST_SHIFT) + (1 << dict(request)["rest"].width)

    def reader(inner, names):
        left = Mux(unit.o.valid, names.left + 1, 1) + names.rest
        measure = Signal(range(2 * most))
        inner.d.comb += [
            measure.eq(Mux(names.busy, left, 0)),
            Assert(~names.busy | ~unit.o.valid | (names.last == (names.left == 0))),
            Assert(~names.busy | (names.final == (left == 1))),
        ]
        falls(inner, measure, waits=names.free, begins=names.free, most=most)

    with watched({SparseReader: reader}, dict(faults)):
        return prove(module_of(unit), inputs_of(unit), 2, base=10)


def test_a_sparse_column_ends():
    proof = reader_proof()
    assert proof.holds, proof.log


def serializer_proof(faults=()):
    """A word leaves in as many cycles as it has events, and in one without any."""
    lanes = 4
    unit = EventSerializer(value_bits=4, address_bits=4, pointwise_lanes=lanes)
    m = module_of(unit)
    fires = unit.i.p.word.fires
    m.d.comb += Assume(unit.i.p.count == sum(fires[n] for n in range(lanes)))

    def serializer(inner, names):
        measure = Signal(range(2 * lanes))
        inner.d.comb += [
            measure.eq(Mux(names.busy, Mux(names.final, 1, names.left + 1), 0)),
            Assert(~names.busy | names.final | ((names.left != 0) & (names.left < lanes))),
        ]
        falls(inner, measure, waits=unit.i.ready, begins=unit.i.ready, most=lanes)

    with watched({EventSerializer: serializer}, dict(faults)):
        return prove(m, inputs_of(unit), 2, base=10)


def test_a_word_of_events_leaves():
    proof = serializer_proof()
    assert proof.holds, proof.log


def cutter_proof(faults=()):
    """Of a column so many pieces are offered as it has bursts at most, each two cycles later."""
    unit = ColumnCutter(chip=ULX3S_SDRAM)
    m = module_of(unit)
    most = 2 << len(unit.i.p.bursts)

    def cutter(inner, names):
        machine, left, piece = names.machine, names.left, unit.o.p
        offers, cuts = among(machine, "OFFER"), among(machine, "CUT")
        measure = Signal(range(2 * most))
        inner.d.comb += [
            measure.eq(Mux(cuts, 2 * left + 2, Mux(offers, 2 * left + 1, 0))),
            Assert(unit.o.valid == offers),
            Assert(~offers | piece.last | ((piece.bursts != 0) & (piece.bursts < left))),
        ]
        idle = among(machine, "IDLE")
        falls(inner, measure, waits=offers & ~unit.o.ready, begins=idle, most=most)

    with watched({ColumnCutter: cutter}, dict(faults)):
        return prove(m, inputs_of(unit), 2, base=10)


def test_a_column_is_cut_into_pieces_that_end():
    proof = cutter_proof()
    assert proof.holds, proof.log


def counter_proof(faults=()):
    """The last word of a list comes with the word that its units say, and only then."""
    unit = StateCounter(address_bits=5, pointwise_lanes=2)
    m = module_of(unit)
    words, begun = Signal(6), Signal()
    with m.If(begun & unit.advance & unit.active):
        m.d.sync += words.eq(words + 1)
    with m.If(unit.begin):
        m.d.sync += [begun.eq(1), words.eq(0)]
    rows, row_before = unit.units_minus_1[1:], Signal(4)
    m.d.sync += row_before.eq(rows)
    m.d.comb += Assume(unit.begin | (rows == row_before))

    def counter(inner, names):
        with inner.If(begun):
            inner.d.comb += [
                Assert(unit.active == (words <= row_before)),
                Assert(words <= row_before + 1),
                Assert(~unit.active | (names.left == row_before - words)),
                Assert(~unit.active | (unit.last == (words == row_before))),
            ]

    with watched({StateCounter: counter}, dict(faults)):
        return prove(m, inputs_of(unit), 2, base=10)


def test_a_list_has_a_last_word():
    proof = counter_proof()
    assert proof.holds, proof.log


def rests_for_ever(inner, names):
    inner.d.sync += names.final.eq(0)


def keeps_its_events(inner, names):
    with inner.If(~names.self.i.ready):
        inner.d.sync += names.left.eq(names.left)


def cuts_at_the_same_place(inner, names):
    with inner.If(among(names.machine, "OFFER")):
        inner.d.sync += names.left.eq(names.left)


def counts_no_words(inner, names):
    with inner.If(~names.self.begin):
        inner.d.sync += names.self.last.eq(0)


@pytest.mark.parametrize(
    ("prove_it", "kind", "fault"),
    [
        (reader_proof, SparseReader, rests_for_ever),
        (serializer_proof, EventSerializer, keeps_its_events),
        (cutter_proof, ColumnCutter, cuts_at_the_same_place),
        (counter_proof, StateCounter, counts_no_words),
    ],
)
def test_what_does_not_end_is_found_out(prove_it, kind, fault):
    assert prove_it({kind: fault}.items()).failed == BASE
