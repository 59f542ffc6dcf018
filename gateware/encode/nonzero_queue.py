"""Nonzero lists: which columns fire in this step, kept to be replayed."""

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.delayed import delayed
from thresh.gateware.lib.read_word import read_word
from thresh.model.network import MAX_LAYERS

from .delta_encoder import nonzero_event

MEMORY_WORDS = 2048
"""Words of a memory behind which a block RAM's own register can lie: a deeper one is chosen from
first."""

SEGMENTS = 2 * MAX_LAYERS
"""Room for the inputs' list (0) and one list per layer (layer + 1)."""


class NonzeroQueue(wiring.Component):
    """Two banks of lists, one per parity of the step: one is replayed while the other fills.

    Appends one event per cycle; an event read is there ``read_latency`` cycles after its address.
    Inputs and hidden events may come interleaved: each has its own list under way.

    Parameters
    ----------
    value_bits : int
    depth : int
        Events in each bank, all lists together.
    read_latency : int

    Members
    -------
    i : In(stream of `nonzero_event`), always ready
    h_base, h_segment, h_parity : In
        First address, number and bank of the hidden list under way.
    h_empty : In(1)
        The hidden list is empty: it is complete without an event.
    x_parity : Out(1), x_count : Out, x_complete : Out(1)
        Bank, length and completion of the input list under way.
    take_x : In(1)
        The input list was taken: the next one starts in the other bank.
    h_count : Out, h_complete : Out(1), h_tag : Out
        Length and completion of the hidden list last begun; its parity and number.
    read_address : In, event : Out
        Bank and address; column and delta, ``read_latency`` cycles later.
    count_address : In, count : Out
        Bank and number of a list; its length, one cycle later.
    clear : In(1), clear_address : In
        Empties a list by bank and number.
    flush : In(1)
        Drops the lists under way.
    x_done, h_done : Out(1)
        A list has just been completed; `x_count`, `h_count` and `h_tag` describe it.
    """

    def __init__(self, *, value_bits, depth, read_latency=1):
        self.value_bits = value_bits
        self.read_latency = read_latency
        self.depth = depth
        self.address_bits = Shape.cast(range(depth)).width
        address = self.address_bits
        count = range(depth + 1)
        self.event_layout = data.StructLayout({"index": address, "delta": signed(value_bits)})
        event = nonzero_event(value_bits, address)
        super().__init__(
            {
                "i": In(stream.Signature(event, always_ready=True)),
                "h_base": In(address),
                "h_segment": In(range(SEGMENTS)),
                "h_parity": In(1),
                "h_empty": In(1),
                "x_parity": Out(1),
                "x_count": Out(count),
                "x_complete": Out(1),
                "take_x": In(1),
                "h_count": Out(count),
                "h_complete": Out(1),
                "h_tag": Out(range(2 * SEGMENTS)),
                "read_address": In(address + 1),
                "event": Out(self.event_layout),
                "count_address": In(range(2 * SEGMENTS)),
                "count": Out(count),
                "clear": In(1),
                "clear_address": In(range(2 * SEGMENTS)),
                "flush": In(1),
                "x_done": Out(1),
                "h_done": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        ports = self._memories(m)
        m.submodules.counts = counts = Memory(
            shape=self.x_count.shape(), depth=2 * SEGMENTS, init=[]
        )
        note, recall = counts.write_port(), counts.read_port()

        # Append behind the events of the same list.
        position = Signal(self.address_bits)
        before = Signal.like(self.x_count)
        x_position, h_position = Signal.like(position), Signal.like(position)
        hidden, first = self.i.p.hidden, self.i.p.first
        m.d.comb += [
            position.eq(
                Mux(hidden, Mux(first, self.h_base, h_position), Mux(first, 0, x_position))
            ),
            before.eq(Mux(first, 0, Mux(hidden, self.h_count, self.x_count))),
        ]
        appends = self.i.valid & self.i.p.fires
        target = Cat(position, Mux(hidden, self.h_parity, self.x_parity))
        for number, (append, _) in enumerate(ports):
            m.d.comb += [
                append.en.eq(
                    appends & (target // MEMORY_WORDS == number) if ports[1:] else appends
                ),
                append.addr.eq(target),
                append.data.index.eq(self.i.p.index),
                append.data.delta.eq(self.i.p.delta),
            ]
        with m.If(self.i.valid):
            with m.If(hidden):
                m.d.sync += [
                    h_position.eq(position + self.i.p.fires),
                    self.h_count.eq(before + self.i.p.fires),
                    self.h_complete.eq(self.i.p.last),
                    self.h_tag.eq(Cat(self.h_segment, self.h_parity)),
                ]
            with m.Else():
                m.d.sync += [
                    x_position.eq(position + self.i.p.fires),
                    self.x_count.eq(before + self.i.p.fires),
                    self.x_complete.eq(self.i.p.last),
                ]
        with m.If(self.h_empty):
            m.d.sync += [
                self.h_count.eq(0),
                self.h_complete.eq(1),
                self.h_tag.eq(Cat(self.h_segment, self.h_parity)),
            ]
        with m.If(self.take_x):
            m.d.sync += [self.x_complete.eq(0), self.x_parity.eq(~self.x_parity)]
        with m.If(self.flush):
            m.d.sync += [self.x_complete.eq(0), self.h_complete.eq(0)]

        # Remember each hidden list's length for the next step.
        h_was, x_was = Signal(), Signal()
        m.d.sync += [
            h_was.eq((self.i.valid & hidden & self.i.p.last) | self.h_empty),
            x_was.eq(self.i.valid & ~hidden & self.i.p.last),
        ]
        m.d.comb += [
            self.h_done.eq(h_was),
            self.x_done.eq(x_was),
            note.en.eq(h_was | self.clear),
            note.addr.eq(Mux(self.clear, self.clear_address, self.h_tag)),
            note.data.eq(Mux(self.clear, 0, self.h_count)),
            recall.addr.eq(self.count_address),
            self.count.eq(recall.data),
        ]

        # Replay.
        words = []
        for _, replay in ports:
            words.append(read_word(m, replay.data, self.read_latency))
            m.d.comb += replay.addr.eq(self.read_address)
        event = words[0]
        if ports[1:]:
            asked = delayed(m, self.read_address // MEMORY_WORDS, self.read_latency, "asked")[-1]
            event = Array(words)[asked]
        m.d.comb += self.event.eq(event)
        return m

    def _memories(self, m):
        """Write and read port of every memory of events, none deeper than `MEMORY_WORDS`."""
        words, ports = min(2 * self.depth, MEMORY_WORDS), []
        count = -(-2 * self.depth // words)
        for number in range(count):
            memory = Memory(shape=self.event_layout, depth=words, init=[])
            m.submodules[f"events_{number}" if count > 1 else "events"] = memory
            append, replay = memory.write_port(), memory.read_port()
            ports.append((append, replay))
        return ports
