"""Delta encoder: what has moved by a threshold since it was last sent."""

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.access import access_port
from thresh.gateware.lib.delayed import delayed
from thresh.gateware.lib.read_word import read_word


def encoder_item(value_bits, address_bits):
    """One value to encode: where its reference lies, and its place in which list."""
    return data.StructLayout(
        {
            "value": signed(value_bits),
            "address": address_bits,
            "index": address_bits,
            "hidden": 1,
            "first": 1,
            "last": 1,
        }
    )


def nonzero_event(value_bits, address_bits):
    """One encoded value: column and delta, whether it fires, and its place in the list."""
    return data.StructLayout(
        {
            "index": address_bits,
            "delta": signed(value_bits),
            "fires": 1,
            "hidden": 1,
            "first": 1,
            "last": 1,
        }
    )


class DeltaEncoder(wiring.Component):
    """``d = saturate(v - ref)``; fires iff ``d != 0 and |d| >= threshold``; then ``ref += d``.

    Equations 3 and 4 of arXiv 1612.05571. One value per cycle, ``2 + read_latency`` cycles
    latency; an address may come again after one cycle more.

    Parameters
    ----------
    value_bits : int
        Width of values, references and deltas.
    depth : int
        References kept.
    read_latency : int
        Cycles from a reference's address to the reference.

    Members
    -------
    i : In(stream of `encoder_item`), always ready
    o : Out(stream of `nonzero_event`), always ready
        Values that fire, and every first and last value of a list.
    threshold_x, threshold_h : In(V - 1)
        Of inputs and of hidden values, from a cycle before a value to ``read_latency`` after it.
    saturated : Out(1)
        The event at ``o`` was clipped.
    access : In(access port)
        Writes references while nothing is encoded, a cycle later. A read's address is ``i``'s, so
        that no choice stands before the memory.
    """

    def __init__(self, *, value_bits, depth, read_latency=1):
        self.value_bits = value_bits
        self.read_latency = read_latency
        self.depth = depth
        bits = range(depth)
        self.address_bits = Shape.cast(bits).width
        item = encoder_item(value_bits, self.address_bits)
        event = nonzero_event(value_bits, self.address_bits)
        super().__init__(
            {
                "i": In(stream.Signature(item, always_ready=True)),
                "o": Out(stream.Signature(event, always_ready=True)),
                "threshold_x": In(value_bits - 1),
                "threshold_h": In(value_bits - 1),
                "saturated": Out(1),
                "access": In(access_port(depth, value_bits)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        value = signed(self.value_bits)
        m.submodules.references = references = Memory(shape=value, depth=self.depth, init=[])
        read, write = references.read_port(), references.write_port()

        # Fetch the reference.
        fetched = read_word(m, read.data, self.read_latency)
        item = delayed(m, self.i.payload, self.read_latency, "item")[-1]
        subtract = delayed(m, self.i.valid, self.read_latency, "subtract")[-1]
        m.d.comb += [read.addr.eq(self.i.p.address), self.access.read_data.eq(fetched)]

        # Subtract, saturate. Meanwhile the threshold is chosen, and becomes the largest size that
        # does not fire: 0 with a threshold of 0, as no change never fires.
        difference = Signal(signed(self.value_bits + 1))
        highest = (1 << (self.value_bits - 1)) - 1
        clips = Signal()
        delta, reference = Signal(value), Signal(value)
        allowed, bound = Signal(self.value_bits - 1), Signal(self.value_bits - 1)
        allowed_x = Signal.like(allowed, name="allowed_x")
        allowed_h = Signal.like(allowed, name="allowed_h")
        positive_x, positive_h = Signal(), Signal()
        below = Signal(value)
        clipped, compare, sent = Signal(), Signal(), Signal.like(self.i.payload)
        m.d.sync += [
            positive_x.eq(self.threshold_x != 0),
            positive_h.eq(self.threshold_h != 0),
            allowed_x.eq(self.threshold_x - positive_x),
            allowed_h.eq(self.threshold_h - positive_h),
        ]
        m.d.comb += [
            difference.eq(item.value - fetched),
            clips.eq(difference[-1] != difference[-2]),
            allowed.eq(Mux(item.hidden, allowed_h, allowed_x)),
        ]
        m.d.sync += [
            delta.eq(Mux(clips, Mux(difference[-1], -highest - 1, highest), difference)),
            clipped.eq(clips),
            reference.eq(fetched),
            sent.eq(item),
            compare.eq(subtract),
            bound.eq(allowed),
            below.eq(~Cat(allowed, C(0, 1))),
        ]

        # Compare with the threshold.
        fires, valid, narrowed = Signal(), Signal(), Signal()
        # delta > bound, or delta < -bound, as signs of sums.
        m.d.comb += fires.eq((delta + below >= 0) | (delta + bound < 0))
        m.d.sync += [
            valid.eq(compare & (fires | sent.first | sent.last)),
            narrowed.eq(compare & clipped),
            self.o.p.index.eq(sent.index),
            self.o.p.delta.eq(delta),
            self.o.p.fires.eq(fires),
            self.o.p.hidden.eq(sent.hidden),
            self.o.p.first.eq(sent.first),
            self.o.p.last.eq(sent.last),
        ]
        # Remember: what is written, a reference or a word from outside, comes from registers.
        access = self.access
        m.d.sync += [
            write.en.eq((compare & fires) | access.write),
            write.addr.eq(Mux(access.enable, access.address, sent.address)),
            write.data.eq(Mux(access.enable, access.write_data, reference + delta)),
        ]

        # Send.
        m.d.comb += [
            self.o.valid.eq(valid),
            self.saturated.eq(narrowed & self.o.p.fires),
        ]
        return m
