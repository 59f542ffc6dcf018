"""Streamed walker: which columns are fetched, one after another."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.model.image import LAST_LAYER, TABLE_WORDS
from thresh.model.network import MAX_LAYERS
from thresh.model.streamed_image import STREAMED_FIELDS

from .column_walker import TOKEN
from .nonzero_queue import SEGMENTS


class StreamedWalker(wiring.Component):
    """Entry outer: each layer's hidden list, then its input list, each entry once.

    An entry stands for a whole column, of every pass and block, so that a few cycles from one to
    the next are time enough. A layer's hidden columns are asked for while the layer before is still
    activated. A layer that receives nothing and has settled is skipped.

    Parameters
    ----------
    depth, weight_depth, blocks, read_latency : int
        As the `ColumnWalker`'s.

    Members
    -------
    table_address, table_data, reload, opened, x_complete, x_parity, x_count, take_x, count_address,
    count, h_complete, h_tag, h_count, list_address, settled, token, drained, waiting
        As the `ColumnWalker`'s.
    base : Out(16), first : Out, bursts : Out
        SDRAM row of the layer's column 0, the column of the list's value 0, and a column's bursts;
        from `issue` until the entry has come.
    kind : Out(4), inputs : Out(1), side : Out(1)
        The layer's cell, whether the list is the input list, and the layer's place for sums.
    issue, mark : Out(1)
        An entry is wanted; no entry of the layer follows. Never both.
    credit : In(1)
        An entry or a mark can be taken.
    """

    def __init__(self, *, depth, weight_depth, blocks, read_latency=1):
        self.depth = depth
        self.weight_depth = weight_depth
        self.blocks = blocks
        self.read_latency = read_latency
        address, count = Shape.cast(range(depth)).width, range(depth + 1)
        super().__init__(
            {
                "table_address": Out(range(MAX_LAYERS * TABLE_WORDS)),
                "table_data": In(16),
                "reload": In(1),
                "opened": In(1),
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
                "base": Out(16),
                "first": Out(count),
                "bursts": Out(16),
                "kind": Out(4),
                "inputs": Out(1),
                "side": Out(1),
                "issue": Out(1),
                "mark": Out(1),
                "credit": In(1),
                "settled": In(MAX_LAYERS),
                "token": Out(stream.Signature(TOKEN)),
                "drained": In(1),
                "waiting": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        layer, parity = Signal(range(MAX_LAYERS)), Signal()
        fields = {name: Signal(16, name=name) for name in STREAMED_FIELDS}
        last_layer = (fields["kind"] & LAST_LAYER).any()
        stale = Signal()
        with m.If(self.reload):
            m.d.sync += stale.eq(1)

        # Layer l's input list is the hidden list number l.
        segment, own = Signal(range(SEGMENTS)), Signal(range(SEGMENTS))
        sent, h_sent, first_layer = Signal(), Signal(), Signal()
        h_left, x_left, x_known, hear = (
            Signal.like(self.count), Signal.like(self.count), Signal(), Signal(),
        )  # fmt: skip
        m.d.sync += [
            h_sent.eq(self.h_complete & (self.h_tag == Cat(segment, parity))),
            first_layer.eq(layer == 0),
            self.take_x.eq(0),
        ]
        m.d.comb += [
            segment.eq(layer),
            own.eq(layer + 1),
            self.count_address.eq(Cat(own, ~parity)),
            sent.eq(Mux(first_layer, self.x_complete, h_sent)),
        ]
        with m.If(hear & sent & ~x_known):
            m.d.sync += [
                x_known.eq(1),
                x_left.eq(Mux(first_layer, self.x_count, self.h_count)),
                self.take_x.eq(first_layer),
            ]

        # The list under way.
        bank = len(self.list_address) - 1
        left, entry, advance = Signal.like(self.count), Signal.like(self.list_address), Signal()
        fetched, settled, recurrent = Signal(range(TABLE_WORDS)), Signal(), Signal()
        m.d.comb += [
            self.table_address.eq(Cat(fetched, layer)),
            self.list_address.eq(entry),
            self.base.eq(fields["weight_base"]),
            self.bursts.eq(fields["bursts"]),
            self.kind.eq(fields["kind"][:4]),
        ]
        m.d.sync += [
            settled.eq(self.settled.bit_select(layer, 1)),
            recurrent.eq(fields["hidden"].any()),
        ]

        def begin(name, count):
            """Start with a list."""
            inputs = name == "x"
            start = fields[f"{name}_segment"][:bank]
            m.d.sync += [
                left.eq(count),
                entry.eq(Cat(start, parity if inputs else ~parity)),
                self.inputs.eq(inputs),
                self.first.eq(fields["hidden"] if inputs else 0),
            ]
            m.next = "COLUMNS"

        pause = Signal(range(self.read_latency + 1))
        with m.FSM():
            with m.State("FETCH"):
                m.d.sync += [fetched.eq(fetched + 1), hear.eq(0)]
                for number, name in enumerate(STREAMED_FIELDS):
                    with m.If(fetched == number + self.read_latency):
                        m.d.sync += fields[name].eq(self.table_data)
                with m.If(fetched == len(STREAMED_FIELDS) + self.read_latency - 1):
                    m.d.sync += [fetched.eq(0), x_known.eq(0)]
                    m.next = "BEGIN"
            with m.State("BEGIN"):
                m.d.comb += self.waiting.eq(layer == 0)
                with m.If(stale):
                    with m.If(~self.opened):
                        m.d.sync += stale.eq(0)
                        m.next = "FETCH"
                # The length of a hidden list is right once the step before has been completed.
                with m.Elif(layer != 0):
                    with m.If(~self.token.valid):
                        m.next = "RECALL"
                # A step may begin while the last layer of the one before is still activated,
                # but a single layer waits for its own hidden list.
                with m.Elif(self.x_complete & (self.drained | ~last_layer) & ~self.token.valid):
                    m.d.sync += parity.eq(self.x_parity)
                    m.next = "RECALL"
            with m.State("RECALL"):
                m.next = "COUNT"
            with m.State("COUNT"):
                m.d.sync += [h_left.eq(Mux(recurrent, self.count, 0)), hear.eq(1)]
                m.next = "CHOOSE"
            with m.State("CHOOSE"):
                # The place for sums is free once the layer before the last one has been activated.
                with m.If(~self.token.valid):
                    m.d.sync += self.token.p.layer.eq(layer)
                    with m.If(h_left != 0):
                        m.d.sync += [self.token.valid.eq(1), self.token.p.skip.eq(0)]
                        begin("h", h_left)
                    with m.Elif(x_known):
                        skip = (x_left == 0) & settled
                        m.d.sync += [self.token.valid.eq(1), self.token.p.skip.eq(skip)]
                        begin("x", x_left)
                        with m.If(skip):
                            m.d.comb += advance.eq(1)
                            m.next = "FETCH"
            with m.State("COLUMNS"):
                with m.If(left == 0):
                    with m.If(self.inputs):
                        m.next = "MARK"
                    with m.Elif(x_known):
                        begin("x", x_left)
                with m.Elif(self.credit):
                    m.d.comb += self.issue.eq(1)
                    m.d.sync += [
                        left.eq(left - 1),
                        entry[:bank].eq(entry[:bank] + 1),
                        pause.eq(self.read_latency),
                    ]
                    m.next = "PAUSE"
            with m.State("PAUSE"):
                # Until the entry has come to where its column is worked out.
                m.d.sync += pause.eq(pause - 1)
                with m.If(pause == 0):
                    m.next = "COLUMNS"
            with m.State("MARK"):
                m.d.comb += self.mark.eq(self.credit)
                with m.If(self.credit):
                    m.d.comb += advance.eq(1)
                    m.next = "FETCH"

        with m.If(advance):
            m.d.sync += [layer.eq(Mux(last_layer, 0, layer + 1)), self.side.eq(~self.side)]
        with m.If(self.token.valid & self.token.ready):
            m.d.sync += self.token.valid.eq(0)
        return m
