"""A queue that reads in every cycle wants no word that is written then.

Every word that has left its memory has a register.
"""

import pytest
from amaranth import *
from amaranth.hdl import Assert
from formal.ports import apart
from formal.prover import BASE, FREE, inputs_of, prove, watched

from thresh.gateware.lib.registered_queue import OUT, RegisteredQueue


def proof_of(depth, faults=()):
    m, unit = Module(), RegisteredQueue(1, depth=depth)
    m.submodules.unit = unit

    def queue(inner, names):
        stored, waits = Signal.like(names.produce), names.waits
        inner.d.comb += [
            stored.eq(names.produce - names.consume),
            Assert(stored <= depth),
            Assert(names.some == (stored != 0)),
            Assert(names.full == (stored == depth)),
            Assert(names.produce_next == (names.produce + 1)[: len(stored)]),
            Assert(names.consume_next == (names.consume + 1)[: len(stored)]),
            Assert((waits & (waits + 1)) == 0),
            Assert(names.under_way <= OUT),
            Assert(names.under_way == sum(names.arrives[1:]) + sum(waits)),
            Assert(~names.arrives[-1] | ~waits[-1] | names.taken),
        ]
        apart(inner, names.storage, names.leaves)

    with watched({RegisteredQueue: queue}, dict(faults)):
        return prove(m, inputs_of(unit), 2, base=16, memories=FREE)


@pytest.mark.parametrize("depth", [2, 8])
def test_a_registered_queue_wants_no_word_that_is_written(depth):
    proof = proof_of(depth)
    assert proof.holds, proof.log


def leaves_while_it_is_empty(inner, names):
    inner.d.comb += names.leaves.eq(1)


def counts_nothing_under_way(inner, names):
    inner.d.sync += names.under_way.eq(0)


@pytest.mark.parametrize("fault", [leaves_while_it_is_empty, counts_nothing_under_way])
def test_a_registered_queue_that_loses_words_is_found_out(fault):
    assert proof_of(4, {RegisteredQueue: fault}.items()).failed == BASE
