"""Words of encoded values become events: each value that fired once, lowest lane first."""

from functools import reduce
from operator import add

import pytest
from amaranth import *
from amaranth.hdl import Assert, Assume
from formal.prover import BASE, inputs_of, prove, watched
from formal.stream_rules import hold_rule

from thresh.gateware.encode.block_credit import BLOCKS, BlockCredit
from thresh.gateware.encode.event_serializer import EventSerializer

LANES, BITS = 4, 8


def count(bits):
    return reduce(add, list(bits), C(0, 1))


def serializer_proof(faults=(), base=None):
    unit = EventSerializer(value_bits=BITS, address_bits=6, pointwise_lanes=LANES)
    m = Module()
    m.submodules.unit = unit
    hold_rule(m, unit.i, Assume, "i")
    m.d.comb += Assume(unit.i.p.count == count(unit.i.p.word.fires))

    def once(inner, names):
        word, pending, lane = names.word, names.pending, names.lane
        taken = Signal(LANES)
        accepts = unit.i.ready & unit.i.valid
        with inner.If(unit.i.ready):
            inner.d.sync += taken.eq(0)
        with inner.Else():
            inner.d.sync += taken.eq(taken | lane)
        with inner.If(names.busy):
            inner.d.comb += [
                Assert(lane == (pending & (~pending + 1))[:LANES]),
                Assert((taken | pending) == word.fires),
                Assert((taken & pending) == 0),
                Assert(names.final == (count(pending) <= 1)),
                Assert(names.final | (names.left + 1 == count(pending))),
                Assert(names.fires == word.fires.any()),
                Assert(names.fires == pending.any()),
                Assert(~names.fresh | (taken == 0)),
                Assert(~accepts | ((taken | lane) == word.fires)),
            ]

        # What leaves a cycle later.
        was, now = Signal(), unit.o.p
        row, number, delta = Signal.like(word.row), Signal(range(LANES)), Signal(BITS)
        ends, fired = Signal(2), Signal()
        inner.d.sync += [was.eq(names.busy), row.eq(word.row), fired.eq(lane.any())]
        inner.d.sync += ends.eq(Cat(word.first & names.fresh, word.last & ((pending & ~lane) == 0)))
        for n in range(LANES):
            with inner.If(lane[n]):
                inner.d.sync += [number.eq(n), delta.eq(word.deltas.word_select(n, BITS))]
        inner.d.comb += Assert(unit.o.valid == (was & (fired | ends.any())))
        with inner.If(unit.o.valid):
            inner.d.comb += [
                Assert(now.fires == fired),
                Assert(Cat(now.first, now.last) == ends),
                Assert(~fired | (now.index == Cat(number, row))),
                Assert(~fired | (now.delta.as_unsigned() == delta)),
            ]

    with watched({EventSerializer: once}, dict(faults)):
        return prove(m, inputs_of(unit), 3, base=base)


def test_every_value_that_fired_leaves_once():
    proof = serializer_proof()
    assert proof.holds, proof.log


def forgets_the_rest(inner, names):
    with inner.If(~names.self.i.ready):
        inner.d.sync += names.final.eq(1)


def sends_twice(inner, names):
    with inner.If(~names.self.i.ready):
        inner.d.sync += names.pending.eq(names.pending)


@pytest.mark.parametrize("fault", [forgets_the_rest, sends_twice])
def test_a_spoilt_serializer_is_found_out(fault):
    assert serializer_proof({EventSerializer: fault}.items(), base=8).failed == BASE


def credit_proof(faults=()):
    """Never more blocks than there is room for, where none is reserved without credit.

    A block takes cycles: two are not reserved one right after the other.
    """
    unit = BlockCredit()
    m = Module()
    m.submodules.unit = unit
    credited, again, under_way = Signal(init=1), Signal(), Signal(range(BLOCKS + 2))
    m.d.sync += [
        credited.eq(unit.credit),
        again.eq(unit.reserve),
        under_way.eq(under_way + unit.reserve - unit.release),
    ]
    m.d.comb += [
        Assume(~unit.reserve | (credited & ~again)),
        Assume(~unit.release | (under_way != 0)),
        Assert(under_way <= BLOCKS),
        Assert(unit.credit == (under_way < BLOCKS)),
    ]

    def counts(inner, names):
        inner.d.comb += Assert(names.reserved == under_way)

    with watched({BlockCredit: counts}, dict(faults)):
        return prove(m, inputs_of(unit), 3)


def test_no_more_blocks_are_reserved_than_there_is_room_for():
    proof = credit_proof()
    assert proof.holds, proof.log


def test_a_credit_too_many_is_found_out():
    def generous(inner, names):
        inner.d.sync += names.self.credit.eq(1)

    assert credit_proof({BlockCredit: generous}.items()).failed == BASE
