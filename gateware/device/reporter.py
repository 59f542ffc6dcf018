"""Reporter: what happens in a frame, as words of the memory of messages."""

from functools import reduce
from operator import or_

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.device_memories import MESSAGE_DEPTH, PAYLOAD


class Reporter(wiring.Component):
    """Features, counts of events, outputs and the status, one behind the other as they come.

    At most one of ``load``, ``feature``, ``x_done``, ``h_done``, ``output`` and ``status`` is high.

    Cost on iCE40: 107 logic cells.

    Parameters
    ----------
    count_bits : int
        Of the events of a list.

    Members
    -------
    begin : In(1)
        A frame begins.
    details : In(1)
        Somebody wants more than the status.
    feature, output : In(1), feature_value, output_value : In(16)
    x_done, h_done : In(1), x_count, h_count : In(count_bits)
    status : In(3)
        The frame is over: one cycle for number, label and whether it is announced, one for the
        score, one for the core's cycles since the last time.
    frame : In(8), label : In(6), heard : In(1), score : In(16)
    load : In(1), load_address : In(8), load_data : In(16)
        A word that comes with the network.
    write : Out(1), address : Out(8), data : Out(16)
    """

    def __init__(self, *, count_bits):
        self.count_bits = count_bits
        super().__init__(
            {
                "begin": In(1),
                "details": In(1),
                "feature": In(1),
                "feature_value": In(16),
                "output": In(1),
                "output_value": In(16),
                "x_done": In(1),
                "x_count": In(count_bits),
                "h_done": In(1),
                "h_count": In(count_bits),
                "status": In(3),
                "frame": In(8),
                "label": In(6),
                "heard": In(1),
                "score": In(16),
                "load": In(1),
                "load_address": In(range(MESSAGE_DEPTH)),
                "load_data": In(16),
                "write": Out(1),
                "address": Out(range(MESSAGE_DEPTH)),
                "data": Out(16),
            }
        )

    def elaborate(self, platform):
        m = Module()
        place, cycles, details = Signal(range(MESSAGE_DEPTH)), Signal(16), Signal()
        m.d.comb += [
            details.eq(self.feature | self.output | self.x_done | self.h_done),
            self.write.eq((details & self.details) | self.status.any() | self.load),
            self.address.eq(Mux(self.load, self.load_address, place)),
        ]
        m.d.sync += [place.eq(place + self.write), cycles.eq(cycles + 1)]
        with m.If(self.begin):
            m.d.sync += place.eq(PAYLOAD)
        with m.If(self.status[2]):
            m.d.sync += cycles.eq(0)
        sources = (
            (self.load, self.load_data),
            (self.feature, self.feature_value),
            (self.output, self.output_value),
            (self.x_done, self.x_count),
            (self.h_done, self.h_count),
            (self.status[0], Cat(self.frame, self.label, self.heard)),
            (self.status[1], self.score),
            (self.status[2], cycles),
        )
        m.d.comb += self.data.eq(reduce(or_, (Mux(on, value, 0) for on, value in sources)))
        return m
