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


HIDDEN_LIST = wiring.Signature(
    {
        "base": Out(16),
        "number": Out(range(SEGMENTS)),
        "parity": Out(1),
        "empty": Out(1),
        "complete": In(1),
    }
)
"""The hidden list under way, from who has it filled: its first address, number and bank.

An ``empty`` list is complete without an event. That a list is ``complete`` is known a cycle later.
"""


def list_reader(depth):
    """Signature of the way to the lists, seen from their reader.

    ``x_complete``, ``x_parity`` and ``x_count`` say whether the input list under way is complete,
    its bank and length; ``take_x`` takes it, and the next one starts in the other bank.
    ``h_complete``, ``h_tag`` and ``h_count`` say whether the hidden list last begun is complete,
    its parity and number, and its length. ``count_address`` is the bank and number of a hidden
    list, whose length ``count`` is there a cycle later; ``address`` the bank and address of an
    event.
    """
    address, count = Shape.cast(range(depth)).width, range(depth + 1)
    return wiring.Signature(
        {
            "x_complete": In(1),
            "x_parity": In(1),
            "x_count": In(count),
            "take_x": Out(1),
            "h_complete": In(1),
            "h_tag": In(range(2 * SEGMENTS)),
            "h_count": In(count),
            "count_address": Out(range(2 * SEGMENTS)),
            "count": In(count),
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
    hidden : In(`HIDDEN_LIST`)
    lists : In(`list_reader`), event : Out(`stored_event`)
        The event wanted, ``read_latency`` cycles after its address.
    clear : In(1), clear_address : In
        Empties a list by bank and number.
    flush : In(1)
        Drops the lists under way.
    x_done, h_done : Out(1)
        A list has just been completed, and ``lists`` describes it.
    """

    complete_latency = 1
    """Cycles from a list's last event until it is complete."""

    def __init__(self, *, value_bits, depth, read_latency=1):
        self.value_bits = value_bits
        self.read_latency = read_latency
        self.depth = depth
        self.address_bits = Shape.cast(range(depth)).width
        address = self.address_bits
        self.event_layout = stored_event(value_bits, address)
        event = nonzero_event(value_bits, address)
        super().__init__(
            {
                "i": In(stream.Signature(event, always_ready=True)),
                "hidden": In(HIDDEN_LIST),
                "lists": In(list_reader(depth)),
                "event": Out(self.event_layout),
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
            events.read_address.eq(self.lists.address),
            self.event.eq(events.read_data),
        ]
        event, hidden, fires = self.i.p, self.i.p.hidden, self.i.p.fires
        lists = self.lists

        # Append behind the events of the same list.
        position, length = Signal(self.address_bits), Signal.like(lists.x_count)
        x_position, h_position = Signal.like(position), Signal.like(position)
        m.d.comb += [
            position.eq(
                Mux(
                    hidden,
                    Mux(event.first, self.hidden.base, h_position),
                    Mux(event.first, 0, x_position),
                )
            ),
            length.eq(Mux(event.first, 0, Mux(hidden, lists.h_count, lists.x_count))),
            events.write_enable.eq(self.i.valid & fires),
            events.write_address.eq(Cat(position, Mux(hidden, self.hidden.parity, lists.x_parity))),
            events.write_data.index.eq(event.index),
            events.write_data.delta.eq(event.delta),
        ]
        with m.If(self.i.valid):
            with m.If(hidden):
                m.d.sync += [
                    h_position.eq(position + fires),
                    lists.h_count.eq(length + fires),
                    lists.h_complete.eq(event.last),
                    lists.h_tag.eq(Cat(self.hidden.number, self.hidden.parity)),
                ]
            with m.Else():
                m.d.sync += [
                    x_position.eq(position + fires),
                    lists.x_count.eq(length + fires),
                    lists.x_complete.eq(event.last),
                ]
        self._close(m)
        return m

    def _close(self, m):
        """Complete lists: noted, taken, dropped; hidden lists' lengths are kept for a step."""
        lists = self.lists
        with m.If(self.hidden.empty):
            m.d.sync += [
                lists.h_count.eq(0),
                lists.h_complete.eq(1),
                lists.h_tag.eq(Cat(self.hidden.number, self.hidden.parity)),
            ]
        with m.If(lists.take_x):
            m.d.sync += [lists.x_complete.eq(0), lists.x_parity.eq(~lists.x_parity)]
        with m.If(self.flush):
            m.d.sync += [lists.x_complete.eq(0), lists.h_complete.eq(0)]
        hidden, last = self.i.p.hidden, self.i.p.last
        m.d.sync += [
            self.hidden.complete.eq(
                lists.h_complete & (lists.h_tag == Cat(self.hidden.number, self.hidden.parity))
            ),
            self.h_done.eq((self.i.valid & hidden & last) | self.hidden.empty),
            self.x_done.eq(self.i.valid & ~hidden & last),
        ]
        m.submodules.lengths = lengths = ListLengths(lists=2 * SEGMENTS, length=self.depth)
        m.d.comb += [
            lengths.write_enable.eq(self.h_done),
            lengths.write_address.eq(lists.h_tag),
            lengths.write_data.eq(lists.h_count),
            lengths.clear.eq(self.clear),
            lengths.clear_address.eq(self.clear_address),
            lengths.read_address.eq(lists.count_address),
            lists.count.eq(lengths.read_data),
        ]
