"""Event sieve: words of encoded values in, their events out one by one."""

from functools import reduce
from operator import or_

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out

from .delta_encoder import nonzero_event

MARGIN = 16
"""Words beyond two blocks that may wait: inputs, and what is on its way."""


def encoded_word(value_bits, pointwise_lanes, row_bits):
    """S deltas, which of them fire, and the word's place: row in its list, and in its block."""
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


class EventSieve(wiring.Component):
    """Values that fire leave one per cycle, lowest first; a word without any takes no time.

    Two blocks of words and `MARGIN` more may wait.

    Parameters
    ----------
    value_bits, address_bits : int
        As the `DeltaEncoder`'s.
    pointwise_lanes, beats : int
        S and P / S.

    Members
    -------
    word : In(`encoded_word`), valid : In(1)
        At most a word per cycle.
    reserve : In(1), credit : Out(1)
        A block of words, the last of which ``closes`` it, will come; one more may be reserved.
    almost_empty : Out(1)
        Few words wait: one that was not reserved may come.
    o : Out(stream of `nonzero_event`), always ready
        Values that fire, and an event for the first and the last word of a list.
    """

    def __init__(self, *, value_bits, address_bits, pointwise_lanes, beats):
        self.value_bits = value_bits
        self.address_bits = address_bits
        self.pointwise_lanes = pointwise_lanes
        self.beats = beats
        self.lane_bits = pointwise_lanes.bit_length() - 1
        self.layout = encoded_word(value_bits, pointwise_lanes, address_bits - self.lane_bits)
        super().__init__(
            {
                "word": In(self.layout),
                "valid": In(1),
                "reserve": In(1),
                "credit": Out(1, init=1),
                "almost_empty": Out(1),
                "o": Out(
                    stream.Signature(nonzero_event(value_bits, address_bits), always_ready=True)
                ),
            }
        )

    def elaborate(self, platform):
        m = Module()
        count = Signal(range(self.pointwise_lanes + 1))
        came, number, wanted = Signal(self.layout), Signal.like(count), Signal()
        m.d.comb += count.eq(sum(self.word.fires[n] for n in range(self.pointwise_lanes)))
        m.d.sync += [
            came.eq(self.word),
            number.eq(count),
            wanted.eq(
                self.valid
                & (self.word.fires.any() | self.word.first | self.word.last | self.word.closes)
            ),
        ]
        m.submodules.words = words = SyncFIFOBuffered(
            width=self.layout.size + len(number), depth=2 * self.beats + MARGIN
        )
        m.d.comb += [words.w_data.eq(Cat(came, number)), words.w_en.eq(wanted)]
        m.d.sync += self.almost_empty.eq(words.level < MARGIN // 4)

        # The event that leaves is chosen a cycle before.
        taken, many = Signal(self.layout), Signal.like(count)
        m.d.comb += Cat(taken, many).eq(words.r_data)
        now = Signal(self.layout)
        pending, choice = Signal(self.pointwise_lanes), Signal(self.pointwise_lanes)
        left, final, busy, fresh, fires = Signal.like(count), Signal(), Signal(), Signal(), Signal()
        rest = pending & ~choice
        m.d.comb += words.r_en.eq(~busy | final)
        with m.If(words.r_en):
            m.d.sync += [
                busy.eq(words.r_rdy),
                now.eq(taken),
                pending.eq(taken.fires),
                choice.eq(_lowest(taken.fires)),
                left.eq(many - 1),
                final.eq(many <= 1),
                fresh.eq(1),
                fires.eq(many != 0),
            ]
        with m.Else():
            m.d.sync += [
                pending.eq(rest),
                choice.eq(_lowest(rest)),
                left.eq(left - 1),
                final.eq(left == 1),
                fresh.eq(0),
            ]
        delta = Signal(self.value_bits)
        lane = Cat(
            Cat(choice[n] for n in range(self.pointwise_lanes) if n >> bit & 1).any()
            for bit in range(self.lane_bits)
        )
        parts = (now.deltas.word_select(n, self.value_bits) for n in range(self.pointwise_lanes))
        m.d.comb += delta.eq(reduce(or_, (Mux(choice[n], part, 0) for n, part in enumerate(parts))))
        first, last = now.first & fresh, now.last & final
        m.d.sync += [
            self.o.valid.eq(busy & (fires | first | last)),
            self.o.p.index.eq(Cat(lane, now.row)),
            self.o.p.delta.eq(delta),
            self.o.p.fires.eq(fires),
            self.o.p.hidden.eq(now.hidden),
            self.o.p.first.eq(first),
            self.o.p.last.eq(last),
        ]

        # Blocks reserved and not gone.
        reserved, still, gone = Signal(range(3)), Signal(range(3)), Signal()
        m.d.comb += [
            gone.eq(busy & fresh & now.closes),
            still.eq(reserved + self.reserve - gone),
        ]
        m.d.sync += [reserved.eq(still), self.credit.eq(still < 2)]
        return m


def _lowest(bits):
    """Only the lowest bit that is set."""
    return (bits & (~bits + 1))[: len(bits)]
