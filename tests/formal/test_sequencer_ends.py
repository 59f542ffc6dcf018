"""The pointwise sequencer ends each layer, whatever the table says.

What is left of a layer is counted in cycles (`formal.measures.falls`): instructions that may still
be launched, each with its elements and the longest gap, and the way to the end.
"""

import pytest
from amaranth import *
from amaranth.hdl import Assume
from formal.prover import BASE, inputs_of, prove, watched
from formal.sequencers import cycles_of, sequencer_rules
from formal.walkers import FOUND

from thresh.gateware.pointwise.block_order import BlockOrder
from thresh.gateware.pointwise.issue_timer import IssueTimer
from thresh.gateware.pointwise.pointwise_sequencer import PointwiseSequencer
from thresh.performance.longest_step import WAIT, layer_pointwise

BEATS, BLOCKS = 4, 4


def sequencer(interleave):
    return PointwiseSequencer(
        beats=BEATS, pointwise_lanes=1, state_blocks=BLOCKS, distance=9, accumulator_depth=16,
        interleave=interleave,
    )  # fmt: skip


def sequencer_proof(interleave, faults=(), base=None, words=None):
    unit = sequencer(interleave)
    m = Module()
    m.submodules.unit = unit
    if words is not None:
        m.d.comb += Assume(unit.table.word == words)
    with watched(sequencer_rules(unit), dict(faults)):
        return prove(m, inputs_of(unit), 4, base=base)


@pytest.mark.parametrize("interleave", [1, 2])
def test_a_layer_of_the_sequencer_ends(interleave):
    stated = layer_pointwise(blocks=BLOCKS, interleave=interleave, beats=BEATS) + WAIT
    assert cycles_of(sequencer(interleave))[-1] <= stated
    proof = sequencer_proof(interleave)
    assert proof.holds, proof.log


def counts_no_elements(inner, names):
    inner.d.sync += names.self.element.eq(names.self.element)


def adds_a_group(inner, names):
    with inner.If(names.self.prepare):
        inner.d.sync += names.last_group.eq(0)


def works_on_padding(inner, names):
    """A block that is not there takes a pass as well."""
    inner.d.comb += names.self.has_work.eq(1)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (IssueTimer, counts_no_elements), (BlockOrder, adds_a_group),
        (BlockOrder, works_on_padding),
    ],
)  # fmt: skip
def test_a_sequencer_that_does_not_end_is_found_out(kind, fault):
    proof = sequencer_proof(2, {kind: fault}.items(), base=FOUND, words=0)
    assert proof.failed == BASE
