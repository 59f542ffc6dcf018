"""Streamed walker: which columns are fetched, one after another."""

from amaranth import *
from amaranth.lib.wiring import Out

from thresh.gateware.control.layer_walker import LayerWalker
from thresh.gateware.encode.nonzero_queue import SEGMENTS
from thresh.layout.layer_table import SDRAM_FIELDS, SPARSE
from thresh.model.network import MAX_LAYERS


class SdramWalker(LayerWalker):
    """Event outer: each layer's hidden list, then its input list, each event once.

    An event stands for a whole column, of every pass and block, so that a few cycles from one to
    the next are time enough. A layer's hidden columns are asked for while the layer before is still
    activated. A layer that receives nothing and has settled is skipped.

    Parameters
    ----------
    depth, read_latency : int
        As the `LayerWalker`'s.

    Members
    -------
    base : Out(16), first : Out, bursts : Out
        SDRAM row of the layer's column 0, the column of the list's value 0, and a column's bursts;
        from `issue` until the event has come.
    kind : Out(4), sparse : Out(1), inputs : Out(1), side : Out(1)
        The layer's cell, whether its columns are sparse, whether the list is the input list, and
        the layer's place for sums.
        Beside the `LayerWalker`'s, where ``mark`` is the end of a layer, never with an event.
    """

    @staticmethod
    def event_interval(read_latency):
        """Least cycles between two events."""
        return 2 + read_latency

    def __init__(self, *, depth, read_latency=1):
        more = {
            "base": Out(16),
            "first": Out(range(depth + 1)),
            "bursts": Out(16),
            "kind": Out(4),
            "sparse": Out(1),
            "inputs": Out(1),
            "side": Out(1),
        }
        super().__init__(depth=depth, names=SDRAM_FIELDS, read_latency=read_latency, more=more)

    def elaborate(self, platform):
        m = Module()
        layer, parity = Signal(range(MAX_LAYERS)), Signal()
        fields = {name: Signal(16, name=name) for name in SDRAM_FIELDS}

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
        left, event, advance = Signal.like(self.count), Signal.like(self.list_address), Signal()
        settled, recurrent = Signal(), Signal()
        m.d.comb += [
            self.list_address.eq(event),
            self.base.eq(fields["weight_base"]),
            self.bursts.eq(fields["bursts"]),
            self.kind.eq(fields["kind"][:4]),
            self.sparse.eq((fields["kind"] & SPARSE).any()),
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
                event.eq(Cat(start, parity if inputs else ~parity)),
                self.inputs.eq(inputs),
                self.first.eq(fields["hidden"] if inputs else 0),
            ]
            m.next = "COLUMNS"

        pause = Signal(range(self.read_latency + 1))
        machine = self._machine(m, fields=fields, layer=layer, parity=parity, advance=advance)
        with machine as fsm:
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
                        event[:bank].eq(event[:bank] + 1),
                        pause.eq(self.read_latency),
                    ]
                    m.next = "PAUSE"
            with m.State("PAUSE"):
                # Until the event has come to where its column is worked out.
                m.d.sync += pause.eq(pause - 1)
                with m.If(pause == 0):
                    m.next = "COLUMNS"
            with m.State("MARK"):
                m.d.comb += self.mark.eq(self.credit)
                with m.If(self.credit):
                    m.d.comb += advance.eq(1)
                    m.next = "FETCH"

        with m.If(fsm.ongoing("FETCH")):
            m.d.sync += [hear.eq(0), x_known.eq(0)]
        with m.If(advance):
            m.d.sync += self.side.eq(~self.side)
        return m
