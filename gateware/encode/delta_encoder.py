"""Delta encoder: what has moved by a threshold since it was last sent."""

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.access import access_port
from thresh.gateware.lib.delayed import delayed

from .reference_memory import ReferenceMemory
from .threshold_bound import ThresholdBound


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
    """One encoded value: column and delta, whether it fired, and its place in the list."""
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

    Equations 3 and 4 of arXiv 1612.05571. One value per cycle, `latency` cycles later; an
    address may come again after one cycle more.

    Parameters
    ----------
    value_bits : int
        Width of values, references and deltas.
    depth : int
        References kept.
    read_latency : int
        Cycles from a reference's address to the reference.
    readable : bool
        References are written from outside, not only cleared.
    compact : bool
        As in the `Primitives`.

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

    @staticmethod
    def latency(read_latency):
        """Cycles from a value to its event."""
        return 2 + read_latency

    def __init__(self, *, value_bits, depth, read_latency=1, readable=True, compact=False):
        self.value_bits = value_bits
        self.readable = readable
        self.compact = compact
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
        value, highest = signed(self.value_bits), (1 << (self.value_bits - 1)) - 1
        m.submodules.references = references = ReferenceMemory(
            value_bits=self.value_bits, depth=self.depth, read_latency=self.read_latency,
            readable=self.readable,
        )  # fmt: skip
        wiring.connect(m, wiring.flipped(self.access), references.access)

        # Fetch the reference.
        item = delayed(m, self.i.payload, self.read_latency, "item")[-1]
        fetched = delayed(m, self.i.valid, self.read_latency, "fetched")[-1]
        m.d.comb += references.read_address.eq(self.i.p.address)

        # Subtract, saturate, choose the threshold.
        difference, clips = Signal(signed(self.value_bits + 1)), Signal()
        chosen, bound = Signal(self.value_bits - 1), Signal(self.value_bits - 1)
        delta, below = Signal(value), Signal(value)
        clipped, compared, subtracted = Signal(), Signal.like(self.i.payload), Signal()
        m.d.comb += [
            difference.eq(item.value - references.read_data),
            clips.eq(difference[-1] != difference[-2]),
            chosen.eq(self._bound(m, item.hidden)),
        ]
        m.d.sync += [
            delta.eq(Mux(clips, Mux(difference[-1], -highest - 1, highest), difference)),
            clipped.eq(clips),
            references.reference.eq(references.read_data),
            compared.eq(item),
            subtracted.eq(fetched),
            bound.eq(chosen),
            below.eq(~Cat(chosen, C(0, 1))),
        ]

        # Compare: delta > bound, or delta < -bound, as signs of sums.
        fires, valid, narrowed = Signal(), Signal(), Signal()
        m.d.comb += fires.eq((delta + below >= 0) | (delta + bound < 0))
        m.d.sync += [
            valid.eq(subtracted & (fires | compared.first | compared.last)),
            narrowed.eq(subtracted & clipped),
            self.o.p.delta.eq(delta),
            self.o.p.fires.eq(fires),
        ]
        m.d.sync += [self.o.p[n].eq(compared[n]) for n in ("index", "hidden", "first", "last")]

        # Update the reference, send the event.
        m.d.comb += [
            references.update.eq(subtracted & fires),
            references.address.eq(compared.address),
            references.delta.eq(delta),
            self.o.valid.eq(valid),
            self.saturated.eq(narrowed & self.o.p.fires),
        ]
        return m

    def _bound(self, m, hidden):
        """The largest change of a value that does not fire."""
        width = self.value_bits - 1
        if self.compact:
            threshold = Signal(width)
            m.d.comb += threshold.eq(Mux(hidden, self.threshold_h, self.threshold_x))
            return (threshold - (threshold != 0))[:width]
        m.submodules.bound_x = bound_x = ThresholdBound(width=width)
        m.submodules.bound_h = bound_h = ThresholdBound(width=width)
        m.d.comb += [bound_x.threshold.eq(self.threshold_x), bound_h.threshold.eq(self.threshold_h)]
        return Mux(hidden, bound_h.bound, bound_x.bound)
