"""Reporter: what happens in a frame, as words of the memory of messages."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.device_link import FRAME_WORDS
from thresh.layout.device_memories import MESSAGE_DEPTH, PAYLOAD

STATUS_WORDS = FRAME_WORDS
"""What is written of a frame when it is over."""


class Reporter(wiring.Component):
    """Features, counts of events and outputs one behind the other, as they come; then the status.

    At most one of ``feature``, ``x_done``, ``h_done``, ``output`` and ``status`` is high.

    Cost on iCE40: 105 logic cells.

    Parameters
    ----------
    count_bits : int
        Of the events of a list.

    Members
    -------
    begin : In(1)
        A frame begins.
    feature, output : In(1), feature_value, output_value : In(16)
    x_done, h_done : In(1), x_count, h_count : In(count_bits)
    status : In(1), frame : In(8), label : In(6), heard : In(1), score : In(16)
        The frame is over: `STATUS_WORDS` cycles, from the first of which on these rest.
    write : Out(1), address : Out(8), data : Out(16)
    """

    def __init__(self, *, count_bits):
        self.count_bits = count_bits
        super().__init__(
            {
                "begin": In(1),
                "feature": In(1),
                "feature_value": In(16),
                "output": In(1),
                "output_value": In(16),
                "x_done": In(1),
                "x_count": In(count_bits),
                "h_done": In(1),
                "h_count": In(count_bits),
                "status": In(1),
                "frame": In(8),
                "label": In(6),
                "heard": In(1),
                "score": In(16),
                "write": Out(1),
                "address": Out(range(MESSAGE_DEPTH)),
                "data": Out(16),
            }
        )

    def elaborate(self, platform):
        m = Module()
        place, cycles = Signal(range(MESSAGE_DEPTH)), Signal(16)
        comes = Signal()
        m.d.comb += [
            comes.eq(self.feature | self.output | self.x_done | self.h_done),
            self.write.eq(comes | self.status),
            self.address.eq(place),
        ]
        m.d.sync += [place.eq(place + self.write), cycles.eq(cycles + 1)]
        with m.If(self.begin):
            m.d.sync += place.eq(PAYLOAD + STATUS_WORDS)
        with m.If(self.feature):
            m.d.comb += self.data.eq(self.feature_value)
        with m.Elif(self.output):
            m.d.comb += self.data.eq(self.output_value)
        with m.Elif(self.x_done):
            m.d.comb += self.data.eq(self.x_count)
        with m.Elif(self.h_done):
            m.d.comb += self.data.eq(self.h_count)
        with m.If(self.status):
            self._status(m, cycles)
        return m

    def _status(self, m, cycles):
        """Frame, label and whether it is announced; score; cycles since the last time."""
        number = Signal(range(STATUS_WORDS))
        m.d.comb += self.address.eq(PAYLOAD | number)
        m.d.sync += number.eq(Mux(number == STATUS_WORDS - 1, 0, number + 1))
        words = (Cat(self.frame, self.label, self.heard), self.score, cycles)
        with m.Switch(number):
            for place, word in enumerate(words):
                with m.Case(place):
                    m.d.comb += self.data.eq(word)
        with m.If(number == STATUS_WORDS - 1):
            m.d.sync += cycles.eq(0)
