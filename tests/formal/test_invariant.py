"""``M == bias + W ref`` in a whole core, for any inputs: the smallest one, and its first steps."""

import pytest
from amaranth import *
from amaranth.hdl import Assert
from formal.prover import BASE, prove_beginning, watched
from link_bench import network

from thresh.gateware.core import Core
from thresh.gateware.encode.delta_encoder import DeltaEncoder
from thresh.gateware.encode.reference_memory import ReferenceMemory
from thresh.gateware.pointwise.delta_memory import DeltaMemory
from thresh.layout.geometry import Geometry
from thresh.layout.image import build_image

SMALLEST = Geometry(
    lanes=4, pointwise_lanes=1, value_bits=8, weight_depth=16, accumulator_depth=16,
    state_depth=64, value_depth=4, packet_bytes=256,
)  # fmt: skip
NET = network(1, 1, kinds=("linear",), value_bits=8, shift=2, threshold=2, seed=3)
FIRST_STEP = 113
"""Cycles of a new sequence and a step."""


def invariant_proof(cycles, faults=()):
    """A new sequence, and then an input whenever the core rests."""
    core = Core(geometry=SMALLEST, image=build_image(NET, SMALLEST), counters=False, readback=False)
    m = Module()
    m.submodules.core = core
    age, steps, value = Signal(4), Signal(), Signal(signed(SMALLEST.value_bits))
    begun = age == 12
    accumulator, reference = Signal(signed(32)), Signal(signed(SMALLEST.value_bits))
    m.d.sync += age.eq(age + ~begun)
    with m.If(core.x.valid & core.x.ready):
        m.d.sync += steps.eq(1)
    with m.If(core.done):
        m.d.sync += steps.eq(0)
    rests = begun & ~core.busy & ~steps
    layer = NET.layers[0]
    wanted = int(layer.bias[0][0]) + int(layer.weight_x[0][0][0]) * reference
    m.d.comb += [
        core.new_sequence.eq(age == 0),
        core.x.valid.eq(rests),
        core.x.payload.eq(value),
        Assert(~rests | (accumulator == wanted)),
    ]

    def first_word(kept):
        def rule(inner, names):
            port = names.memory.read_port(domain="comb")
            inner.d.comb += kept.eq(port.data)

        return rule

    kept = {DeltaMemory: first_word(accumulator), ReferenceMemory: first_word(reference)}
    with watched(kept, dict(faults)):
        return prove_beginning(m, [value], cycles)


@pytest.mark.slow
def test_an_accumulator_is_what_was_sent_times_the_weight():
    proof = invariant_proof(FIRST_STEP)
    assert proof.holds, proof.log


def sends_one_more(inner, names):
    """An event is one more than what its reference moves by."""
    inner.d.sync += names.self.o.p.delta.eq(names.delta + 1)


@pytest.mark.slow
def test_an_event_that_is_not_what_was_sent_is_found_out():
    assert invariant_proof(FIRST_STEP, {DeltaEncoder: sends_one_more}.items()).failed == BASE
