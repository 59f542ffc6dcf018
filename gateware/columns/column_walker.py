"""Column walker: which weight column meets which delta, cycle by cycle."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.delayed import delayed
from thresh.layout.layer_table import MAC_FIELDS
from thresh.model.network import MAX_LAYERS

from .column_base import ColumnBase
from .layer_walker import LayerWalker
from .list_length import ListLength
from .list_replay import ENTRY, ListReplay
from .pass_order import PassOrder


def slice_events(weight_depth):
    """Signature of a walker's events: ``issue`` of an event, ``mark`` of the end of a pass, with
    or without an event, ``base`` of the event's column a cycle later; ``credit`` for a mark."""
    return wiring.Signature(
        {"issue": Out(1), "mark": Out(1), "base": Out(range(weight_depth)), "credit": In(1)}
    )


class ColumnWalker(LayerWalker):
    """Row block outer, nonzero lists replayed: one event and one column slice per cycle.

    For each pass, in the `PassOrder`, the hidden list is replayed, then the input list; the pass's
    last event is marked, and the next pass follows without a gap. Only the first pass of a layer
    waits, between its two lists, until the input list is complete. A layer that receives nothing
    and has settled is skipped.

    Parameters
    ----------
    depth, read_latency : int
        As the `LayerWalker`'s.
    weight_depth : int
        Words of the column memory.
    blocks, interleave : int
        Most blocks of a layer, and how many take turns.
    waits : bool
        Every event needs credit, not only a mark.

    Members
    -------
    o : Out(`slice_events`)
        Beside the `LayerWalker`'s.
    """

    def __init__(self, *, depth, weight_depth, blocks, interleave=1, read_latency=1, waits=False):
        self.weight_depth = weight_depth
        self.blocks = blocks
        self.interleave = interleave
        self.waits = waits
        super().__init__(
            depth=depth, names=MAC_FIELDS, read_latency=read_latency, o=slice_events(weight_depth)
        )

    def elaborate(self, platform):
        m = Module()
        layer, parity = Signal(range(MAX_LAYERS)), Signal()
        fields = {name: Signal(16, name=name) for name in MAC_FIELDS}
        advance, step = Signal(), Signal()
        inputs, settled = self.watch_lists(m, layer, parity)
        h, x, x_none = self._lengths(m, fields, inputs)
        order, follow = self._passes(m, fields, h, x)
        replay = self._replay(m, fields, parity, h, x, x_none, order)
        base = self._base(m, fields, order, replay)

        def enter(hidden, some_inputs, ends):
            m.d.comb += replay.entry.eq(Cat(hidden, some_inputs, ends))

        # A list that is empty ends its pass at once.
        x_ends = ~(inputs.known & x.some) | x.one
        with self.layer_states(
            m, fields=fields, layer=layer, parity=parity, advance=advance
        ) as states:
            with m.State("COUNT"):
                m.next = "CHOOSE"
            with m.State("CHOOSE"):
                # The first pass of every cell has both lists, if there are any.
                enter(h.some, x.some, Mux(h.some, h.one & x_none, x_ends))
                self._choose(m, layer, h, x, inputs.known, settled, advance)
            with m.State("REPLAY"):
                ends = replay.ends
                enter(
                    ends & follow.hidden,
                    Mux(ends, follow.inputs, inputs.known & x.some),
                    Mux(ends, follow.ends, x_ends),
                )
                m.d.comb += [
                    self.o.issue.eq(step & (replay.in_h | replay.in_x)),
                    self.o.mark.eq(step & ends),
                ]
                with m.If(ends & self.o.credit):
                    with m.If(order.finishes):
                        m.d.comb += advance.eq(1)
                        m.next = "FETCH"
                with m.Elif(self._stepped(~ends & replay.final & ~inputs.known)):
                    m.next = "AWAIT"
            with m.State("AWAIT"):
                enter(0, x.some, x_ends)
                with m.If(inputs.known):
                    m.next = "REPLAY"
        counts, begins, replays = (states.ongoing(n) for n in ("COUNT", "BEGIN", "REPLAY"))
        enters = states.ongoing("CHOOSE") | states.ongoing("AWAIT")
        m.d.comb += [
            inputs.clear.eq(states.ongoing("FETCH")),
            Cat(inputs.listen, order.first).eq(counts.replicate(2)),
            Cat(order.advance, base.advance).eq(self.o.mark.replicate(2)),
            Cat(order.restart, base.restart).eq(begins.replicate(2)),
            # A mark that cannot be taken yet holds all at once: no sum waits for the credit.
            replay.advance.eq(~(replays if self.waits else replays & replay.ends) | self.o.credit),
            replay.enter.eq(enters | (replays & (replay.ends | replay.final))),
            step.eq(replays & replay.advance),
        ]
        return m

    def _stepped(self, condition):
        """A condition of a cycle in which an event that is no pass's last is issued."""
        return condition & self.o.credit if self.waits else condition

    def _lengths(self, m, fields, inputs):
        """Lengths of the layer's two lists, and that the input list is known to be empty."""
        m.submodules.h_length = h = ListLength(depth=self.depth)
        m.submodules.x_length = x = ListLength(depth=self.depth)
        recurrent, x_none = Signal(), Signal()
        h_count = delayed(m, self.lists.h_count, 1, "h_count")[-1]
        m.d.sync += recurrent.eq(fields["hidden"][: len(h_count)].any())
        m.d.comb += [
            h.length.eq(Mux(recurrent, self.lists.count, 0)),
            h.load.eq(inputs.listen),
            x.length.eq(Mux(inputs.first, self.lists.x_count, h_count)),
            x.load.eq(inputs.found),
        ]
        with m.If(inputs.found):
            m.d.sync += x_none.eq(x.length == 0)
        with m.If(inputs.clear):
            m.d.sync += x_none.eq(0)
        return h.o, x.o, x_none

    def _passes(self, m, fields, h, x):
        """The order of passes, and how the next one begins.

        Passes end several cycles apart: this may be known a cycle later.
        """
        m.submodules.order = order = PassOrder(blocks=self.blocks, interleave=self.interleave)
        follow = Signal(ENTRY)
        hidden, inputs = order.follow.hidden & h.some, order.follow.inputs & x.some
        m.d.comb += [
            order.code.eq(fields["kind"]),
            order.blocks_minus_1.eq(fields["blocks_minus_1"]),
        ]
        m.d.sync += [
            follow.hidden.eq(hidden),
            follow.inputs.eq(inputs),
            follow.ends.eq(Mux(hidden, h.one & ~inputs, ~inputs | x.one)),
        ]
        return order, follow

    def _replay(self, m, fields, parity, h, x, x_none, order):
        """The place in the lists."""
        m.submodules.replay = replay = ListReplay(depth=self.depth)
        m.d.comb += [
            replay.h.eq(h),
            replay.x.eq(x),
            replay.x_none.eq(x_none),
            replay.now.eq(order.now),
            replay.h_segment.eq(fields["h_segment"]),
            replay.x_segment.eq(fields["x_segment"]),
            replay.parity.eq(parity),
            self.lists.address.eq(replay.address),
        ]
        return replay

    def _base(self, m, fields, order, replay):
        """The place in the column memory."""
        m.submodules.base = base = ColumnBase(depth=self.depth, weight_depth=self.weight_depth)
        m.d.comb += [
            base.weight_base.eq(fields["weight_base"]),
            base.hidden.eq(fields["hidden"]),
            base.stride.eq(fields["stride"]),
            base.now.eq(order.now),
            base.in_x.eq(replay.in_x),
            self.o.base.eq(base.base),
        ]
        return base

    def _choose(self, m, layer, h, x, x_known, settled, advance):
        """Begin the layer once its first list is there, or skip it."""
        token = self.layers.token
        with m.If(~token.valid):
            m.d.sync += token.p.layer.eq(layer)
            with m.If(h.some):
                m.d.sync += [token.valid.eq(1), token.p.skip.eq(0)]
                m.next = "REPLAY"
            with m.Elif(x_known):
                skip = ~x.some & settled
                m.d.sync += [token.valid.eq(1), token.p.skip.eq(skip)]
                with m.If(skip):
                    m.d.comb += advance.eq(1)
                    m.next = "FETCH"
                with m.Else():
                    m.next = "REPLAY"
