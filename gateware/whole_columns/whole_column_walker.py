"""Whole column walker: which columns are wanted, one after another."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.columns.layer_walker import LayerWalker
from thresh.layout.layer_table import SDRAM_FIELDS, SPARSE
from thresh.model.network import MAX_LAYERS


def column_events(depth):
    """Signature of a walker's events: ``issue`` of one, or ``mark`` of the end of a layer; and,
    from ``issue`` until the event is there, where its columns lie.

    ``base`` is where the layer's column 0 lies, ``first`` the column of the list's value 0,
    ``bursts`` the table's word that says how long a column is; ``kind`` the layer's cell,
    ``sparse``, that its columns are, ``inputs``, that the list is the input list, ``side`` the
    layer's place for sums. ``credit`` is for another event or mark.
    """
    return wiring.Signature(
        {
            "issue": Out(1),
            "mark": Out(1),
            "base": Out(16),
            "first": Out(range(depth + 1)),
            "bursts": Out(16),
            "kind": Out(4),
            "sparse": Out(1),
            "inputs": Out(1),
            "side": Out(1),
            "credit": In(1),
        }
    )


class WholeColumnWalker(LayerWalker):
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
    o : Out(`column_events`)
        Beside the `LayerWalker`'s.
    """

    @staticmethod
    def event_interval(read_latency):
        """Least cycles between two events."""
        return 2 + read_latency

    def __init__(self, *, depth, read_latency=1):
        super().__init__(
            depth=depth, names=SDRAM_FIELDS, read_latency=read_latency, o=column_events(depth)
        )

    def elaborate(self, platform):
        m = Module()
        layer, parity = Signal(range(MAX_LAYERS)), Signal()
        fields = {name: Signal(16, name=name) for name in SDRAM_FIELDS}
        inputs, settled = self.watch_lists(m, layer, parity)
        h_left, x_left = self._counts(m, fields, inputs)
        self._describe(m, fields)
        left, pause = Signal.like(h_left), Signal(range(self.read_latency + 1))
        advance = Signal()
        with self.layer_states(
            m, fields=fields, layer=layer, parity=parity, advance=advance
        ) as states:
            with m.State("COUNT"):
                m.next = "CHOOSE"
            with m.State("CHOOSE"):
                # The place for sums is free once the layer before the last one has been activated.
                token = self.layers.token
                with m.If(~token.valid):
                    m.d.sync += token.p.layer.eq(layer)
                    with m.If(h_left != 0):
                        m.d.sync += [token.valid.eq(1), token.p.skip.eq(0)]
                        self._begin(m, "h", fields, parity, left, h_left)
                    with m.Elif(inputs.known):
                        skip = (x_left == 0) & settled
                        m.d.sync += [token.valid.eq(1), token.p.skip.eq(skip)]
                        self._begin(m, "x", fields, parity, left, x_left)
                        with m.If(skip):
                            m.d.comb += advance.eq(1)
                            m.next = "FETCH"
            with m.State("COLUMNS"):
                with m.If(left == 0):
                    with m.If(self.o.inputs):
                        m.next = "MARK"
                    with m.Elif(inputs.known):
                        self._begin(m, "x", fields, parity, left, x_left)
                with m.Elif(self.o.credit):
                    self._issue(m, left, pause)
                    m.next = "PAUSE"
            with m.State("PAUSE"):
                # Until the event is where its column is computed.
                m.d.sync += pause.eq(pause - 1)
                with m.If(pause == 0):
                    m.next = "COLUMNS"
            with m.State("MARK"):
                m.d.comb += self.o.mark.eq(self.o.credit)
                with m.If(self.o.credit):
                    m.d.comb += advance.eq(1)
                    m.next = "FETCH"
        m.d.comb += [
            inputs.listen.eq(states.ongoing("COUNT")),
            inputs.clear.eq(states.ongoing("FETCH")),
        ]
        with m.If(advance):
            m.d.sync += self.o.side.eq(~self.o.side)
        return m

    def _counts(self, m, fields, inputs):
        """Lengths of the layer's hidden list and of its input list, once they are known."""
        lists, recurrent = self.lists, Signal()
        h_left, x_left = Signal.like(lists.count), Signal.like(lists.count)
        m.d.sync += recurrent.eq(fields["hidden"].any())
        with m.If(inputs.listen):
            m.d.sync += h_left.eq(Mux(recurrent, lists.count, 0))
        with m.If(inputs.found):
            m.d.sync += x_left.eq(Mux(inputs.first, lists.x_count, lists.h_count))
        return h_left, x_left

    def _describe(self, m, fields):
        """The layer's columns."""
        m.d.comb += [
            self.o.base.eq(fields["weight_base"]),
            self.o.bursts.eq(fields["bursts"]),
            self.o.kind.eq(fields["kind"][:4]),
            self.o.sparse.eq((fields["kind"] & SPARSE).any()),
        ]

    def _begin(self, m, name, fields, parity, left, count):
        """Start with a list."""
        inputs, address = name == "x", len(self.lists.address) - 1
        start = fields[f"{name}_segment"][:address]
        m.d.sync += [
            left.eq(count),
            self.lists.address.eq(Cat(start, parity if inputs else ~parity)),
            self.o.inputs.eq(inputs),
            self.o.first.eq(fields["hidden"] if inputs else 0),
        ]
        m.next = "COLUMNS"

    def _issue(self, m, left, pause):
        """Ask for the list's next event."""
        address = self.lists.address[:-1]
        m.d.comb += self.o.issue.eq(1)
        m.d.sync += [
            left.eq(left - 1),
            address.eq(address + 1),
            pause.eq(self.read_latency),
        ]
