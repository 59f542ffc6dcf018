"""Serialiser: a layer's new state, S values at a time, to the delta encoder one by one."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from .delta_encoder import encoder_item


class Serialiser(wiring.Component):
    """Numbers the units of a layer, drops the padding of its last block, marks first and last.

    With S = 1 a value passes in the same cycle. Else up to two blocks of P values wait, and one
    leaves per cycle.

    Parameters
    ----------
    value_bits, depth : int
        As the `DeltaEncoder`'s.
    serial, vector : int
        S and P / S.

    Members
    -------
    begin : In(1)
        A layer begins; the next two describe it.
    units_minus_1, segment : In
        Units, first reference address.
    promise : In(1), room : Out(1)
        A block of ``vector`` words will come; one more may be promised.
    word : In(S * V), valid : In(1)
    passes : Out(1)
        A value, or padding, is at ``o``.
    o : Out(stream of `encoder_item`), always ready
    """

    def __init__(self, *, value_bits, depth, serial, vector):
        self.value_bits = value_bits
        self.depth = depth
        self.serial = serial
        self.vector = vector
        self.address_bits = Shape.cast(range(depth)).width
        item = encoder_item(value_bits, self.address_bits)
        super().__init__(
            {
                "begin": In(1),
                "units_minus_1": In(self.address_bits),
                "segment": In(self.address_bits),
                "promise": In(1),
                "room": Out(1, init=1),
                "word": In(serial * value_bits),
                "valid": In(1),
                "passes": Out(1),
                "o": Out(stream.Signature(item, always_ready=True)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        value, present = Signal(signed(self.value_bits)), Signal()
        if self.serial == 1:
            m.d.comb += [value.eq(self.word), present.eq(self.valid), self.room.eq(1)]
        else:
            self._queue(m, value, present)

        # Number the units; what follows the last one is padding.
        address, index = Signal(self.address_bits), Signal(self.address_bits)
        left = Signal(self.address_bits)
        last, more = Signal(), Signal()
        out = self.o.p
        m.d.comb += [
            self.passes.eq(present),
            self.o.valid.eq(present & more),
            out.value.eq(value),
            out.address.eq(address),
            out.index.eq(index),
            out.hidden.eq(1),
            out.first.eq(index == 0),
            out.last.eq(last),
        ]
        with m.If(self.o.valid):
            m.d.sync += [
                address.eq(address + 1),
                index.eq(index + 1),
                left.eq(left - 1),
                last.eq(left == 1),
                more.eq(~last),
            ]
        with m.If(self.begin):
            m.d.sync += [
                address.eq(self.segment),
                index.eq(0),
                left.eq(self.units_minus_1),
                last.eq(self.units_minus_1 == 0),
                more.eq(1),
            ]
        return m

    def _queue(self, m, value, present):
        """Two blocks of words in a memory, unpacked a value per cycle."""
        depth = 2 * self.vector
        m.submodules.words = words = Memory(shape=len(self.word), depth=depth, init=[])
        write, read = words.write_port(), words.read_port()
        tail, head = Signal(range(2 * depth)), Signal(range(2 * depth))
        promised, still = Signal(range(3)), Signal(range(3))
        unpacked, part = Signal.like(self.word), Signal(range(self.serial))
        busy, fetch, fetched = Signal(), Signal(), Signal()
        released = Signal()
        final_part = part == self.serial - 1
        m.d.comb += [
            write.en.eq(self.valid),
            write.addr.eq(tail[:-1]),
            write.data.eq(self.word),
            read.addr.eq(head[:-1]),
            # A word is fetched while the one before leaves.
            fetch.eq((head != tail) & ~fetched & (~busy | final_part)),
            released.eq(fetched & (head[: len(head) - 2] == 0)),
            value.eq(unpacked),
            present.eq(busy),
            still.eq(promised + self.promise - released),
        ]
        with m.If(self.valid):
            m.d.sync += tail.eq(tail + 1)
        m.d.sync += [fetched.eq(fetch), promised.eq(still), self.room.eq(still < 2)]
        with m.If(fetch):
            m.d.sync += head.eq(head + 1)
        with m.If(busy):
            m.d.sync += [unpacked.eq(unpacked >> self.value_bits), part.eq(part + 1)]
            with m.If(final_part):
                m.d.sync += busy.eq(0)
        with m.If(fetched):
            m.d.sync += [unpacked.eq(read.data), part.eq(0), busy.eq(1)]
        # Padding of the layer before that has not left yet is dropped.
        with m.If(self.begin):
            m.d.sync += [head.eq(tail), busy.eq(0), fetched.eq(0), promised.eq(0), self.room.eq(1)]
