"""Event serializer: words of encoded values in, their events out one by one."""

from functools import reduce
from operator import or_

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from .delta_encoder import nonzero_event


def encoded_word(value_bits, pointwise_lanes, row_bits):
    """S deltas, which of them fired, and the word's place: row in its list, and in its block."""
    return data.StructLayout(
        {
            "deltas": pointwise_lanes * value_bits,
            "fires": pointwise_lanes,
            "row": row_bits,
            "hidden": 1,
            "first": 1,
            "last": 1,
            "closes": 1,
        }
    )


class EventSerializer(wiring.Component):
    """One event per cycle, lowest lane first; a word takes as many cycles as it has events.

    A word without any takes a cycle. An event leaves two cycles after its word was taken.

    Parameters
    ----------
    value_bits, address_bits, pointwise_lanes : int
        As the `EventSieve`'s.

    Members
    -------
    i : In(stream of an `encoded_word` and the ``count`` of its events)
    o : Out(stream of `nonzero_event`), always ready
        Values that fired, and an event for the first and the last word of a list.
    closed : Out(1)
        The last word of a block has been taken.
    """

    def __init__(self, *, value_bits, address_bits, pointwise_lanes):
        self.value_bits = value_bits
        self.address_bits = address_bits
        self.pointwise_lanes = pointwise_lanes
        self.lane_bits = pointwise_lanes.bit_length() - 1
        word = encoded_word(value_bits, pointwise_lanes, address_bits - self.lane_bits)
        counted = data.StructLayout({"word": word, "count": range(pointwise_lanes + 1)})
        event = nonzero_event(value_bits, address_bits)
        super().__init__(
            {
                "i": In(stream.Signature(counted)),
                "o": Out(stream.Signature(event, always_ready=True)),
                "closed": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        # The lane whose event leaves is chosen a cycle before.
        word = Signal(self.i.p.word.shape())
        pending, lane = Signal(self.pointwise_lanes), Signal(self.pointwise_lanes)
        left, final = Signal.like(self.i.p.count), Signal()
        busy, fresh, fires = Signal(), Signal(), Signal()
        rest = pending & ~lane
        m.d.comb += [self.i.ready.eq(~busy | final), self.closed.eq(busy & fresh & word.closes)]
        with m.If(self.i.ready):
            m.d.sync += [
                busy.eq(self.i.valid),
                word.eq(self.i.p.word),
                pending.eq(self.i.p.word.fires),
                lane.eq(_lowest(self.i.p.word.fires)),
                left.eq(self.i.p.count - 1),
                final.eq(self.i.p.count <= 1),
                fresh.eq(1),
                fires.eq(self.i.p.count != 0),
            ]
        with m.Else():
            m.d.sync += [
                pending.eq(rest),
                lane.eq(_lowest(rest)),
                left.eq(left - 1),
                final.eq(left == 1),
                fresh.eq(0),
            ]

        delta, number = self._of_lane(m, word.deltas, lane)
        first, last = word.first & fresh, word.last & final
        m.d.sync += [
            self.o.valid.eq(busy & (fires | first | last)),
            self.o.p.index.eq(Cat(number, word.row)),
            self.o.p.delta.eq(delta),
            self.o.p.fires.eq(fires),
            self.o.p.hidden.eq(word.hidden),
            self.o.p.first.eq(first),
            self.o.p.last.eq(last),
        ]
        return m

    def _of_lane(self, m, deltas, lane):
        """The delta and the number of the lane whose bit is set."""
        lanes = range(self.pointwise_lanes)
        delta = Signal(self.value_bits)
        parts = (Mux(lane[n], deltas.word_select(n, self.value_bits), 0) for n in lanes)
        m.d.comb += delta.eq(reduce(or_, parts))
        bits = range(self.lane_bits)
        return delta, Cat(Cat(lane[n] for n in lanes if n >> bit & 1).any() for bit in bits)


def _lowest(bits):
    """Only the lowest bit that is set."""
    return (bits & (~bits + 1))[: len(bits)]
