"""Column walker: which weight column meets which delta, cycle by cycle."""

from amaranth import *
from amaranth.lib.wiring import Out

from thresh.gateware.control.layer_walker import LayerWalker
from thresh.gateware.encode.nonzero_queue import SEGMENTS
from thresh.layout.layer_table import MAC_FIELDS
from thresh.model.network import MAX_LAYERS

from .pass_order import PassOrder


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

    Members
    -------
    base : Out
        Weight address of column 0 of the event at ``list_address``, one cycle later. Beside the
        `LayerWalker`'s, where ``mark`` is the end of a pass, with or without an event.
    """

    def __init__(self, *, depth, weight_depth, blocks, interleave=1, read_latency=1):
        self.blocks = blocks
        self.interleave = interleave
        super().__init__(
            depth=depth,
            names=MAC_FIELDS,
            read_latency=read_latency,
            more={"base": Out(range(weight_depth))},
        )

    def elaborate(self, platform):
        m = Module()
        layer, parity = Signal(range(MAX_LAYERS)), Signal()
        fields = {name: Signal(16, name=name) for name in MAC_FIELDS}

        # The two lists of this layer, by what of their lengths is needed in time.
        count = self.count.shape()
        limits = {name: Signal(count, name=f"{name}_limit") for name in ("h", "x")}
        some = {name: Signal(name=f"{name}_some") for name in ("h", "x")}
        one = {name: Signal(name=f"{name}_one") for name in ("h", "x")}
        two = {name: Signal(name=f"{name}_two") for name in ("h", "x")}
        x_known, x_none = Signal(), Signal()

        def learn(name, length):
            m.d.sync += [
                limits[name].eq(length - 3),
                some[name].eq(length != 0),
                one[name].eq(length == 1),
                two[name].eq(length == 2),
            ]

        # Layer l's input list is the hidden list number l.
        segment = Signal(range(SEGMENTS))
        sent, sent_count, h_sent, first_layer = Signal(), Signal(count), Signal(), Signal()
        h_sent_count = Signal(count)
        m.d.sync += [
            h_sent.eq(self.h_complete & (self.h_tag == Cat(segment, parity))),
            h_sent_count.eq(self.h_count),
            first_layer.eq(layer == 0),
        ]
        m.d.comb += [
            segment.eq(layer),
            sent.eq(Mux(first_layer, self.x_complete, h_sent)),
            sent_count.eq(Mux(first_layer, self.x_count, h_sent_count)),
        ]

        # The pass under way and the one after it, which is looked up while the mark travels.
        m.submodules.order = order = PassOrder(blocks=self.blocks, interleave=self.interleave)
        pass_, follow = order.now, order.follow
        m.d.comb += [
            order.code.eq(fields["kind"]),
            order.blocks_minus_1.eq(fields["blocks_minus_1"]),
            order.advance.eq(self.mark),
        ]
        in_h, in_x, final = Signal(), Signal(), Signal()
        bank, position = Signal(), Signal(len(self.list_address) - 1)
        offset, limit = Signal(count), Signal(count)
        base, inputs = Signal.like(self.base), Signal(count)
        hidden, stride = fields["hidden"][: len(inputs)], fields["stride"][: len(inputs) + 1]

        # A list is entered, or its next event taken. Whether a pass ends now was found a cycle ago;
        # when it turns out later that no input follows, it ends in a cycle of its own.
        enter, to_h, to_x, to_end = Signal(), Signal(), Signal(), Signal()
        step, ends, fresh, pair, near = Signal(), Signal(), Signal(), Signal(), Signal()
        before_last, goes = Mux(fresh, pair, near), Signal()
        x_ends = ~(x_known & some["x"]) | one["x"]
        # A mark that cannot be taken yet holds all of this at once: no sum waits for the credit.
        with m.If(goes):
            m.d.sync += [
                fresh.eq(enter),
                near.eq(offset == limit),
                offset.eq(offset + 1),
                position.eq(position + 1),
                final.eq(before_last),
                ends.eq(ends | (before_last & (in_x | ~pass_.inputs | x_none))),
            ]
            with m.If(enter):
                m.d.sync += [
                    in_h.eq(to_h),
                    in_x.eq(~to_h & to_x),
                    position.eq(Mux(to_h, fields["h_segment"], fields["x_segment"])),
                    bank.eq(to_h ^ parity),
                    offset.eq(0),
                    limit.eq(Mux(to_h, limits["h"], limits["x"])),
                    pair.eq(Mux(to_h, two["h"], two["x"])),
                    final.eq(Mux(to_h, one["h"], one["x"])),
                    ends.eq(to_end),
                ]

        # Passes end several cycles apart: how the next begins may be known a cycle late.
        follow_h, follow_x, follow_ends = Signal(), Signal(), Signal()
        columns = Signal(len(stride))
        then_h, then_x = follow.hidden & some["h"], follow.inputs & some["x"]
        m.d.sync += [
            follow_h.eq(then_h),
            follow_x.eq(then_x),
            follow_ends.eq(Mux(then_h, one["h"] & ~then_x, ~then_x | one["x"])),
            columns.eq(Mux(pass_.hidden, Mux(pass_.inputs, stride, hidden), inputs)),
        ]

        m.d.comb += [
            self.count_address.eq(Cat((layer + 1)[: len(segment)], ~parity)),
            self.list_address.eq(Cat(position, bank)),
        ]
        m.d.sync += self.base.eq(base + Mux(in_x & pass_.hidden, hidden, 0))

        advance, hear, settled, recurrent = (Signal() for _ in range(4))
        m.d.sync += [
            settled.eq(self.settled.bit_select(layer, 1)),
            recurrent.eq(hidden.any()),
        ]
        m.d.sync += self.take_x.eq(0)
        with m.If(hear & sent & ~x_known):
            learn("x", sent_count)
            m.d.sync += [x_known.eq(1), x_none.eq(sent_count == 0)]
            m.d.sync += self.take_x.eq(first_layer)

        machine = self._machine(m, fields=fields, layer=layer, parity=parity, advance=advance)
        with machine as fsm:
            with m.State("COUNT"):
                learn("h", Mux(recurrent, self.count, 0))
                m.d.comb += order.first.eq(1)
                m.d.sync += hear.eq(1)
                m.next = "CHOOSE"
            with m.State("CHOOSE"):
                # The first pass of every cell has both lists, if there are any.
                m.d.comb += [
                    to_h.eq(some["h"]),
                    to_x.eq(some["x"]),
                    to_end.eq(Mux(some["h"], one["h"] & x_none, x_ends)),
                ]
                with m.If(~self.token.valid):
                    m.d.sync += self.token.p.layer.eq(layer)
                    with m.If(some["h"]):
                        m.d.sync += [self.token.valid.eq(1), self.token.p.skip.eq(0)]
                        m.next = "REPLAY"
                    with m.Elif(x_known):
                        skip = ~some["x"] & settled
                        m.d.sync += [self.token.valid.eq(1), self.token.p.skip.eq(skip)]
                        with m.If(skip):
                            m.d.comb += advance.eq(1)
                            m.next = "FETCH"
                        with m.Else():
                            m.next = "REPLAY"
            with m.State("REPLAY"):
                m.d.comb += [
                    self.issue.eq(step & (in_h | in_x)),
                    self.mark.eq(step & ends),
                    to_h.eq(ends & follow_h),
                    to_x.eq(Mux(ends, follow_x, x_known & some["x"])),
                    to_end.eq(Mux(ends, follow_ends, x_ends)),
                ]
                with m.If(ends & self.credit):
                    m.d.sync += base.eq(base + columns)
                    with m.If(order.finishes):
                        m.d.comb += advance.eq(1)
                        m.next = "FETCH"
                with m.Elif(~ends & final & ~x_known):
                    m.next = "AWAIT"
            with m.State("AWAIT"):
                m.d.comb += [to_x.eq(some["x"]), to_end.eq(x_ends)]
                with m.If(x_known):
                    m.next = "REPLAY"
        with m.If(fsm.ongoing("FETCH")):
            m.d.sync += [hear.eq(0), x_known.eq(0), x_none.eq(0)]
        with m.If(order.restart):
            m.d.sync += [base.eq(fields["weight_base"]), inputs.eq(stride - hidden)]
        replays = fsm.ongoing("REPLAY")
        m.d.comb += [
            order.restart.eq(fsm.ongoing("BEGIN")),
            goes.eq(~(replays & ends) | self.credit),
            step.eq(replays & goes),
            enter.eq(fsm.ongoing("CHOOSE") | fsm.ongoing("AWAIT") | (replays & (ends | final))),
        ]
        return m
