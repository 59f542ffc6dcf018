"""Event sieve: words of encoded values wait in a queue and leave as events, one by one."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.memory_shape import queue_memory

from .block_credit import BLOCKS, BlockCredit
from .delta_encoder import nonzero_event
from .event_serializer import EventSerializer, encoded_word

MARGIN = 16
"""Words beyond the reserved blocks that may wait: inputs, and what is on its way."""


class EventSieve(wiring.Component):
    """Values that fired leave one per cycle, lowest first; a word without any takes no time.

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
        Values that fired, and an event for the first and the last word of a list.
    """

    latency = 5
    """Cycles from a word to its first event, when no others wait."""
    credit_latency = 1
    """Cycles from the first event of a block's last word to the block's credit."""

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

    @staticmethod
    def memories(*, value_bits, address_bits, pointwise_lanes, beats):
        """The memory of the words that wait."""
        row_bits = address_bits - (pointwise_lanes.bit_length() - 1)
        word = encoded_word(value_bits, pointwise_lanes, row_bits)
        bits = word.size + pointwise_lanes.bit_length()
        return [queue_memory(bits=bits, depth=BLOCKS * beats + MARGIN)]

    def elaborate(self, platform):
        m = Module()
        m.submodules.serializer = serializer = EventSerializer(
            value_bits=self.value_bits,
            address_bits=self.address_bits,
            pointwise_lanes=self.pointwise_lanes,
        )
        m.submodules.credit = credit = BlockCredit()
        waiting = serializer.i

        # Words of which nothing leaves are dropped.
        events, count = Signal.like(waiting.p.count), Signal.like(waiting.p.count)
        word, wanted = Signal(self.layout), Signal()
        m.d.comb += events.eq(sum(self.word.fires[n] for n in range(self.pointwise_lanes)))
        m.d.sync += [
            word.eq(self.word),
            count.eq(events),
            wanted.eq(
                self.valid
                & (self.word.fires.any() | self.word.first | self.word.last | self.word.closes)
            ),
        ]
        m.submodules.words = words = SyncFIFOBuffered(
            width=self.layout.size + len(count), depth=BLOCKS * self.beats + MARGIN
        )
        m.d.comb += [
            words.w_data.eq(Cat(word, count)),
            words.w_en.eq(wanted),
            words.r_en.eq(waiting.ready),
            waiting.valid.eq(words.r_rdy),
            waiting.payload.eq(words.r_data),
        ]
        m.d.sync += self.almost_empty.eq(words.level < MARGIN // 4)

        m.d.comb += [
            credit.reserve.eq(self.reserve),
            credit.release.eq(serializer.closed),
            self.credit.eq(credit.credit),
        ]
        wiring.connect(m, serializer.o, wiring.flipped(self.o))
        return m
