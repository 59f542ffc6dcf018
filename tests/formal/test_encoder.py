"""The delta encoder's reference is what has been sent, exactly, for any threshold and any value."""

import pytest
from amaranth import *
from amaranth.hdl import Assert, Assume
from formal.prover import constant, inputs_of, prove, watched

from thresh.gateware.encode.delta_encoder import DeltaEncoder
from thresh.gateware.encode.reference_memory import ReferenceMemory
from thresh.gateware.encode.threshold_bound import ThresholdBound
from thresh.gateware.lib.delayed import delayed

HIGHEST = (1 << 15) - 1


def quiet(m, encoder):
    """Nobody from outside; thresholds rest, and are there before the first value."""
    thresholds = [constant(m, 15, "t_x"), constant(m, 15, "t_h")]
    settled = Signal(2)
    m.d.sync += settled.eq(Cat(C(1, 1), settled))
    m.d.comb += [
        Assume(~encoder.access.enable & ~encoder.access.write),
        Assume(encoder.threshold_x == thresholds[0]),
        Assume(encoder.threshold_h == thresholds[1]),
        Assume(settled.all() | ~encoder.i.valid),
        Assert(~settled[1] | settled[0]),
    ]
    return thresholds


def bounds(inner, names):
    """What a threshold has become two cycles later."""
    threshold, steps = names.self.threshold, Signal(2)
    inner.d.sync += steps.eq(Cat(C(1, 1), steps))
    with inner.If(steps.all()):
        inner.d.comb += Assert(names.self.bound == Mux(threshold == 0, 0, threshold - 1))


def encoder_proof(read_latency, faults=(), base=None):
    encoder = DeltaEncoder(value_bits=16, depth=4, read_latency=read_latency)
    m = Module()
    m.submodules.encoder = encoder
    latency = DeltaEncoder.latency(read_latency)
    threshold_x, threshold_h = quiet(m, encoder)

    # One address stands for all: what was sent of it, and when it came last.
    where = constant(m, range(4), "where")
    sent, kept = Signal(signed(16)), Signal(signed(16))
    comes = Signal()
    m.d.comb += comes.eq(encoder.i.valid & (encoder.i.p.address == where))
    earlier = delayed(m, comes, latency, "earlier")
    m.d.comb += Assume(~(comes & Cat(earlier[1:]).any()))
    item = delayed(m, encoder.i.payload, latency, "expected")[-1]

    difference, delta, fires = Signal(signed(17)), Signal(signed(16)), Signal()
    size, threshold = Signal(17), Mux(item.hidden, threshold_h, threshold_x)
    m.d.comb += [
        difference.eq(item.value - sent),
        delta.eq(
            Mux(difference > HIGHEST, HIGHEST,
                Mux(difference < -HIGHEST - 1, -HIGHEST - 1, difference))
        ),
        size.eq(Mux(delta < 0, -delta, delta)),
        fires.eq((delta != 0) & (size >= threshold)),
        Assert(kept == sent),
    ]  # fmt: skip
    event = encoder.o.p
    with m.If(earlier[-1]):
        m.d.comb += [
            Assert(event.fires == fires),
            Assert(event.delta == delta),
            Assert(encoder.o.valid == (fires | item.first | item.last)),
            Assert(encoder.saturated == (fires & (delta != difference))),
            Assert((event.index == item.index) & (event.hidden == item.hidden)),
            Assert((event.first == item.first) & (event.last == item.last)),
        ]
        with m.If(event.fires):
            m.d.sync += sent.eq(sent + event.delta)

    def references(inner, names):
        port = names.memory.read_port(domain="comb")
        writes = names.write.en & (names.write.addr == where)
        inner.d.comb += [
            port.addr.eq(where),
            kept.eq(port.data),
            Assert(~(writes & comes)),  # a block RAM would read anything
        ]

    rules = {ReferenceMemory: references, ThresholdBound: bounds}
    with watched(rules, dict(faults)):
        inputs = [*inputs_of(encoder), threshold_x, threshold_h, where]
        return prove(m, inputs, latency + 3, base=base)


@pytest.mark.parametrize("read_latency", [1, 2])
def test_the_reference_is_what_was_sent(read_latency):
    proof = encoder_proof(read_latency)
    assert proof.holds, proof.log


def never_clips(inner, names):
    inner.d.comb += names.clips.eq(0)


def fires_above(inner, names):
    inner.d.comb += names.fires.eq(names.delta > names.bound)


def forgets_to_update(inner, names):
    inner.d.comb += names.references.update.eq(names.subtracted & names.fires & ~names.clipped)


@pytest.mark.parametrize("fault", [never_clips, fires_above, forgets_to_update])
def test_a_spoilt_encoder_is_found_out(fault):
    proof = encoder_proof(1, {DeltaEncoder: fault}.items(), base=12)
    assert proof.failed == "from the beginning"
