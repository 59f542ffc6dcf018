"""Nonzero lists: which columns fire in this step, kept to be replayed."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.model.network import MAX_LAYERS

from .delta_encoder import nonzero_event
from .event_memory import EventMemory, stored_event
from .list_lengths import ListLengths

SEGMENTS = 2 * MAX_LAYERS
"""Room for the inputs' list (0) and one list per layer (layer + 1)."""


def list_reader(depth):
    """Signature of the way to the lists, seen from their reader: the `NonzeroQueue`'s members by
    the same names, ``address`` for ``read_address``."""
    address, count = Shape.cast(range(depth)).width, range(depth + 1)
    return wiring.Signature(
        {
            "x_complete": In(1),
            "x_parity": In(1),
            "x_count": In(count),
            "take_x": Out(1),
            "count_address": Out(range(2 * SEGMENTS)),
            "count": In(count),
            "h_complete": In(1),
            "h_tag": In(range(2 * SEGMENTS)),
            "h_count": In(count),
            "address": Out(address + 1),
        }
    )


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

    complete_latency = 1
    """Cycles from a list's last event until it is complete."""

    def __init__(self, *, value_bits, depth, read_latency=1):
        self.value_bits = value_bits
        self.read_latency = read_latency
        self.depth = depth
        self.address_bits = Shape.cast(range(depth)).width
        address = self.address_bits
        count = range(depth + 1)
        self.event_layout = stored_event(value_bits, address)
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

    @staticmethod
    def memories(geometry):
        """The events of both banks, and the lengths of all lists."""
        depth = geometry.value_depth
        event = stored_event(geometry.value_bits, Shape.cast(range(depth)).width)
        return EventMemory.memories(shape=event, depth=2 * depth) + ListLengths.memories(
            lists=2 * SEGMENTS, length=depth
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.events = events = EventMemory(
            shape=self.event_layout, depth=2 * self.depth, read_latency=self.read_latency
        )
        m.d.comb += [
            events.read_address.eq(self.read_address),
            self.event.eq(events.read_data),
        ]
        event, hidden, fires = self.i.p, self.i.p.hidden, self.i.p.fires

        # Append behind the events of the same list.
        position, length = Signal(self.address_bits), Signal.like(self.x_count)
        x_position, h_position = Signal.like(position), Signal.like(position)
        m.d.comb += [
            position.eq(
                Mux(
                    hidden,
                    Mux(event.first, self.h_base, h_position),
                    Mux(event.first, 0, x_position),
                )
            ),
            length.eq(Mux(event.first, 0, Mux(hidden, self.h_count, self.x_count))),
            events.write_enable.eq(self.i.valid & fires),
            events.write_address.eq(Cat(position, Mux(hidden, self.h_parity, self.x_parity))),
            events.write_data.index.eq(event.index),
            events.write_data.delta.eq(event.delta),
        ]
        with m.If(self.i.valid):
            with m.If(hidden):
                m.d.sync += [
                    h_position.eq(position + fires),
                    self.h_count.eq(length + fires),
                    self.h_complete.eq(event.last),
                    self.h_tag.eq(Cat(self.h_segment, self.h_parity)),
                ]
            with m.Else():
                m.d.sync += [
                    x_position.eq(position + fires),
                    self.x_count.eq(length + fires),
                    self.x_complete.eq(event.last),
                ]
        self._close(m)
        return m

    def _close(self, m):
        """Complete lists: noted, taken, dropped; hidden lists' lengths are kept for a step."""
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
        hidden, last = self.i.p.hidden, self.i.p.last
        m.d.sync += [
            self.h_done.eq((self.i.valid & hidden & last) | self.h_empty),
            self.x_done.eq(self.i.valid & ~hidden & last),
        ]
        m.submodules.lengths = lengths = ListLengths(lists=2 * SEGMENTS, length=self.depth)
        m.d.comb += [
            lengths.write_enable.eq(self.h_done),
            lengths.write_address.eq(self.h_tag),
            lengths.write_data.eq(self.h_count),
            lengths.clear.eq(self.clear),
            lengths.clear_address.eq(self.clear_address),
            lengths.read_address.eq(self.count_address),
            self.count.eq(lengths.read_data),
        ]
