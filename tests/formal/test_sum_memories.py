"""Sums of whole columns: none that is wanted is read while it is written."""

import pytest
from amaranth import *
from amaranth.hdl import Assert, Assume
from formal.ports import apart
from formal.prover import BASE, FREE, inputs_of, prove, watched

from thresh.gateware.lib.delayed import delayed
from thresh.gateware.whole_columns.dense_rows import DenseRows
from thresh.gateware.whole_columns.fetched_rows import FetchedRows
from thresh.gateware.whole_columns.sum_memory import SumMemory
from thresh.gateware.whole_columns.sum_sides import SumSides
from thresh.gateware.whole_columns.whole_column_mac import ADDED, WholeColumnMAC
from thresh.layout.geometry import Geometry
from thresh.layout.sdram_chip import BURST_WORDS


def words_come(m, mac, early):
    """A lane's row comes again after so many cycles; a side is left alone from the end of its layer
    until its sums have been taken; nothing is cleared from outside meanwhile."""
    i, latency = mac.i, mac.read_latency
    rows = [delayed(m, row, 1 + latency, f"came_{n}") for n, row in enumerate(i.rows)]
    adds = delayed(m, i.adds, 1 + latency, "added")
    sides = delayed(m, i.side, 1 + latency, "added_to")
    for lane in range(mac.lanes):
        row = rows[lane if mac.own_rows else 0]
        for ago in range(1, 2 + latency - early):
            same = adds[ago][lane] & (sides[ago] == i.side) & (row[ago] == row[0])
            m.d.comb += Assume(~(i.adds[lane] & same))
    ended, active = Signal(2), Signal(init=1)
    m.d.comb += [
        Assume(~(i.adds.any() | i.end) | ~ended.bit_select(i.side, 1)),
        Assume(~(i.end & i.adds.any())),
        Assume(~mac.wipe),
    ]
    with m.If(mac.begin):
        m.d.sync += [active.eq(~active), ended.bit_select(active, 1).eq(0)]
    with m.If(i.end):
        m.d.sync += ended.bit_select(i.side, 1).eq(1)
    # Sums are taken of a layer that is complete; the next one is begun after the last of them.
    m.d.comb += [
        Assume(~mac.shift | mac.complete),
        Assume(~mac.begin | ~mac.shift),
    ]


def sums_proof(own_rows, latency, faults=(), base=None, early=0):
    lanes = 2
    mac = WholeColumnMAC(
        lanes=lanes, pointwise_lanes=1 if own_rows else 2, weight_bits=4, value_bits=8, depth=4,
        own_rows=own_rows, read_latency=latency,
    )  # fmt: skip
    m = Module()
    m.submodules.mac = mac
    words_come(m, mac, early)
    wanted = {}

    def columns(inner, names):
        """A row that is asked for is wanted by who adds to it; of those taken, the group's."""
        asked = ADDED - 1 - latency
        adds = delayed(inner, mac.i.adds, asked, "asks")[-1]
        side = delayed(inner, mac.i.side, asked, "asks_side")[-1]
        bits = (mac.lanes // mac.pointwise_lanes).bit_length() - 1
        group = names.sides.at[:bits]
        for (number, lane), sums in names.memories.items():
            wanted[sums] = Signal(name=f"wanted_{number}_{lane}")
            own = adds[lane] & (side == number)
            inner.d.comb += wanted[sums].eq(
                Mux(sums.takes, mac.shift & (group == lane // mac.pointwise_lanes), own)
            )

    def memory(inner, names):
        apart(inner, names.memory, wanted[names.self])

    with watched({WholeColumnMAC: columns, SumMemory: memory}, dict(faults)):
        return prove(m, inputs_of(mac), ADDED + 4, base=base, memories=FREE)


@pytest.mark.parametrize("latency", [1, 2])
@pytest.mark.parametrize("own_rows", [True, False])
def test_sums_are_not_read_while_they_are_written(own_rows, latency):
    proof = sums_proof(own_rows, latency)
    assert proof.holds, proof.log


def takes_as_it_clears(inner, names):
    """A word is cleared in the cycle in which it is taken."""
    inner.d.sync += names.self.clear_at.eq(names.self.at + 1)


def test_sums_that_are_cleared_while_they_are_taken_are_found_out():
    assert sums_proof(False, 1, {SumSides: takes_as_it_clears}.items(), base=16).failed == BASE


def test_a_row_that_comes_again_too_early_is_found_out():
    assert sums_proof(True, 1, early=1).failed == BASE


def rows_proof(latency, faults=()):
    """Rows of dense columns from SDRAM come again after more cycles than a sum takes."""
    geometry = Geometry(
        lanes=16, pointwise_lanes=2, weight_depth=1024, accumulator_depth=64, state_depth=64,
        value_depth=64, columns="sdram",
    )  # fmt: skip
    unit = FetchedRows(geometry=geometry, read_latency=latency)
    m = Module()
    m.submodules.unit = unit
    taken, place = unit.words.valid & unit.words.ready, Signal(range(BURST_WORDS))
    # A column is bursts.
    m.d.comb += Assume(~taken | ~unit.words.p.last | (place == BURST_WORDS - 1))
    with m.If(taken):
        m.d.sync += place.eq(place + 1)
    came = delayed(m, unit.o.adds.any(), 1 + latency, "came")
    rows = delayed(m, unit.o.rows[0], 1 + latency, "row")
    for ago in range(1, 2 + latency):
        m.d.comb += Assert(~(came[0] & came[ago] & (rows[0] == rows[ago])))

    def counts(inner, names):
        inner.d.comb += Assert(names.element == place)

    with watched({DenseRows: counts}, dict(faults)):
        return prove(m, inputs_of(unit), 4, memories=FREE)


@pytest.mark.parametrize("latency", [1, 2])
def test_rows_of_dense_columns_do_not_come_again_too_early(latency):
    proof = rows_proof(latency)
    assert proof.holds, proof.log


def stays_at_its_row(inner, names):
    inner.d.sync += names.element.eq(names.element)


def test_rows_that_come_again_too_early_are_found_out():
    assert rows_proof(1, {DenseRows: stays_at_its_row}.items()).failed == BASE
