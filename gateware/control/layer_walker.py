"""Layer walker: reads each layer's table entry, and lets its step begin in time."""

from contextlib import contextmanager

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.encode.nonzero_queue import SEGMENTS
from thresh.layout.layer_table import LAST_LAYER, TABLE_WORDS
from thresh.model.network import MAX_LAYERS

TOKEN = data.StructLayout({"layer": range(MAX_LAYERS), "skip": 1})
"""What the pointwise stage is told when a layer begins."""


class LayerWalker(wiring.Component):
    """What walkers have in common: members, and the beginning of a layer.

    Parameters
    ----------
    depth : int
        Events in one bank of the nonzero queue.
    names : sequence of str
        Words of a layer's table entry.
    read_latency : int
        Of the layer table.
    more : dict
        Members beside these.

    Members
    -------
    table_address : Out, table_data : In(16)
        Layer table.
    reload, table_busy : In(1)
        The table was written: read the first layer again, once it is not ``table_busy`` any more.
    x_complete, x_parity, x_count : In; take_x : Out(1)
        The network's input list; taking it starts a step.
    count_address : Out, count : In
        Length of a hidden list of the last step, one cycle.
    h_complete, h_tag, h_count : In
        The hidden list under way, which is the next layer's input list.
    list_address : Out
        Bank and address of the event wanted.
    issue, mark : Out(1)
        An event is wanted; no more follow.
    credit : In(1)
        A mark can be taken.
    settled : In(MAX_LAYERS)
    token : Out(stream of `TOKEN`)
    drained : In(1)
        Nothing of an earlier step is under way behind the walker.
    waiting : Out(1)
        No step has begun.
    """

    recall_cycles = 2
    """From a layer's turn until the length of its hidden list is known."""
    notice_latency = 1
    """Cycles from a list's completion until the walker knows of it."""

    @staticmethod
    def fetch_cycles(names, read_latency):
        """In which the words ``names`` of a layer's table entry are read."""
        return len(names) + read_latency

    def __init__(self, *, depth, names, read_latency, more):
        self.names = names
        self.read_latency = read_latency
        address, count = Shape.cast(range(depth)).width, range(depth + 1)
        super().__init__(
            {
                "table_address": Out(range(MAX_LAYERS * TABLE_WORDS)),
                "table_data": In(16),
                "reload": In(1),
                "table_busy": In(1),
                "x_complete": In(1),
                "x_parity": In(1),
                "x_count": In(count),
                "take_x": Out(1),
                "count_address": Out(range(2 * SEGMENTS)),
                "count": In(count),
                "h_complete": In(1),
                "h_tag": In(range(2 * SEGMENTS)),
                "h_count": In(count),
                "list_address": Out(address + 1),
                "issue": Out(1),
                "mark": Out(1),
                "credit": In(1),
                "settled": In(MAX_LAYERS),
                "token": Out(stream.Signature(TOKEN)),
                "drained": In(1),
                "waiting": Out(1),
                **more,
            }
        )

    @contextmanager
    def _machine(self, m, *, fields, layer, parity, advance):
        """A state machine that goes from ``FETCH`` by ``BEGIN`` and ``LOOKUP`` to ``COUNT``.

        ``fields`` take the table entry of ``layer``, which moves on at ``advance``; ``parity``
        becomes the step's. A step may begin while the last layer of the one before is still
        activated, but a single layer waits for its own hidden list.
        """
        last_layer = (fields["kind"] & LAST_LAYER).any()
        stale, fetched = Signal(), Signal(range(TABLE_WORDS))
        m.d.comb += self.table_address.eq(Cat(fetched, layer))
        with m.If(self.reload):
            m.d.sync += stale.eq(1)
        with m.If(advance):
            m.d.sync += layer.eq(Mux(last_layer, 0, layer + 1))
        with m.If(self.token.valid & self.token.ready):
            m.d.sync += self.token.valid.eq(0)
        with m.FSM() as fsm:
            with m.State("FETCH"):
                m.d.sync += fetched.eq(fetched + 1)
                for number, name in enumerate(self.names):
                    with m.If(fetched == number + self.read_latency):
                        m.d.sync += fields[name].eq(self.table_data)
                with m.If(fetched == self.fetch_cycles(self.names, self.read_latency) - 1):
                    m.d.sync += fetched.eq(0)
                    m.next = "BEGIN"
            with m.State("BEGIN"):
                m.d.comb += self.waiting.eq(layer == 0)
                with m.If(stale):
                    with m.If(~self.table_busy):
                        m.d.sync += stale.eq(0)
                        m.next = "FETCH"
                # The length of a hidden list is right once the step before has been completed.
                with m.Elif(layer != 0):
                    with m.If(~self.token.valid):
                        m.next = "LOOKUP"
                with m.Elif(self.x_complete & (self.drained | ~last_layer) & ~self.token.valid):
                    m.d.sync += parity.eq(self.x_parity)
                    m.next = "LOOKUP"
            with m.State("LOOKUP"):
                m.next = "COUNT"
            yield fsm
