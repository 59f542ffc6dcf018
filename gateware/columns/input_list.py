"""Input list: when the list of a layer's inputs is complete."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.encode.nonzero_queue import SEGMENTS
from thresh.model.network import MAX_LAYERS


class InputList(wiring.Component):
    """Layer l's input list is hidden list number l, and the network's inputs for layer 0.

    Members
    -------
    layer : In, parity : In(1)
        The layer under way, and its step's parity.
    x_complete, h_complete : In(1), h_tag : In
        As the `NonzeroQueue`'s.
    listen, clear : In(1)
        The list is wanted from the next cycle on; the next layer's is not yet.
    first : Out(1)
        It is the network's inputs.
    found : Out(1), known : Out(1)
        It has become complete in this cycle, before it.
    take_x : Out(1)
        The network's inputs were found a cycle ago.
    """

    def __init__(self):
        super().__init__(
            {
                "layer": In(range(MAX_LAYERS)),
                "parity": In(1),
                "x_complete": In(1),
                "h_complete": In(1),
                "h_tag": In(range(2 * SEGMENTS)),
                "listen": In(1),
                "clear": In(1),
                "first": Out(1),
                "found": Out(1),
                "known": Out(1),
                "take_x": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        segment, h_complete, listening = Signal(range(SEGMENTS)), Signal(), Signal()
        m.d.comb += [
            segment.eq(self.layer),
            self.found.eq(listening & Mux(self.first, self.x_complete, h_complete) & ~self.known),
        ]
        m.d.sync += [
            h_complete.eq(self.h_complete & (self.h_tag == Cat(segment, self.parity))),
            self.first.eq(self.layer == 0),
            self.take_x.eq(self.found & self.first),
        ]
        with m.If(self.found):
            m.d.sync += self.known.eq(1)
        with m.If(self.listen):
            m.d.sync += listening.eq(1)
        with m.If(self.clear):
            m.d.sync += [listening.eq(0), self.known.eq(0)]
        return m
