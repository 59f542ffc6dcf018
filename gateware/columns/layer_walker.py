"""Layer walker: reads each layer's table entry, and lets its step begin in time."""

from contextlib import contextmanager

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import Out

from thresh.gateware.control.layer_table import TABLE_READER
from thresh.gateware.encode.nonzero_queue import SEGMENTS, list_reader
from thresh.layout.layer_table import LAST_LAYER, TABLE_WORDS
from thresh.model.network import MAX_LAYERS

from .column_engine import LAYERS
from .input_list import InputList


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
    o : Signature
        What is known of an event beside its place in the list: ``issue``, an event is wanted,
        ``mark``, no more follow, ``credit``, an event or mark can be taken, and more.

    Members
    -------
    table : Out(`TABLE_READER`)
        What is written is read again before the next step.
    lists : Out(`list_reader`)
    layers : Out(`LAYERS`)
    o : Out
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

    def __init__(self, *, depth, names, read_latency, o):
        self.depth = depth
        self.names = names
        self.read_latency = read_latency
        super().__init__(
            {
                "table": Out(TABLE_READER),
                "lists": Out(list_reader(depth)),
                "layers": Out(LAYERS),
                "o": Out(o),
                "waiting": Out(1),
            }
        )

    def watch_lists(self, m, layer, parity):
        """The `InputList` of ``layer``, and that it has settled, a cycle later.

        The length of its hidden list in the step before is asked for.
        """
        m.submodules.inputs = inputs = InputList()
        lists, own, settled = self.lists, Signal(range(SEGMENTS)), Signal()
        m.d.comb += [
            own.eq(layer + 1),
            lists.count_address.eq(Cat(own, ~parity)),
            inputs.layer.eq(layer),
            inputs.parity.eq(parity),
            inputs.x_complete.eq(lists.x_complete),
            inputs.h_complete.eq(lists.h_complete),
            inputs.h_tag.eq(lists.h_tag),
            lists.take_x.eq(inputs.take_x),
        ]
        m.d.sync += settled.eq(self.layers.settled.bit_select(layer, 1))
        return inputs, settled

    @contextmanager
    def layer_states(self, m, *, fields, layer, parity, advance):
        """A state machine that goes from ``FETCH`` by ``BEGIN`` and ``LOOKUP`` to ``COUNT``.

        ``fields`` take the table entry of ``layer``, which moves on at ``advance``; ``parity``
        becomes the step's. A step may begin while the last layer of the one before is still
        activated, but a single layer waits for its own hidden list. ``LOOKUP`` is the cycle in
        which the length of the layer's hidden list is read.
        """
        token = self.layers.token
        # A table without a last layer ends with its last entry.
        last_layer = (fields["kind"] & LAST_LAYER).any() | (layer == MAX_LAYERS - 1)
        stale, fetched = Signal(), Signal(range(TABLE_WORDS))
        m.d.comb += self.table.address.eq(Cat(fetched, layer))
        with m.If(self.table.written):
            m.d.sync += stale.eq(1)
        with m.If(advance):
            m.d.sync += layer.eq(Mux(last_layer, 0, layer + 1))
        with m.If(token.valid & token.ready):
            m.d.sync += token.valid.eq(0)
        with m.FSM() as fsm:
            with m.State("FETCH"):
                m.d.sync += fetched.eq(fetched + 1)
                for number, name in enumerate(self.names):
                    with m.If(fetched == number + self.read_latency):
                        m.d.sync += fields[name].eq(self.table.word)
                with m.If(fetched == self.fetch_cycles(self.names, self.read_latency) - 1):
                    m.d.sync += fetched.eq(0)
                    m.next = "BEGIN"
            with m.State("BEGIN"):
                m.d.comb += self.waiting.eq(layer == 0)
                with m.If(stale):
                    with m.If(~self.table.opened):
                        m.d.sync += stale.eq(0)
                        m.next = "FETCH"
                # The length of a hidden list is right once the step before has been completed.
                with m.Elif(layer != 0):
                    with m.If(~token.valid):
                        m.next = "LOOKUP"
                with m.Elif(
                    self.lists.x_complete & (self.layers.idle | ~last_layer) & ~token.valid
                ):
                    m.d.sync += parity.eq(self.lists.x_parity)
                    m.next = "LOOKUP"
            with m.State("LOOKUP"):
                m.next = "COUNT"
            yield fsm
