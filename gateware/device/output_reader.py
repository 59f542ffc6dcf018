"""Output reader: a step's outputs, from the core's state memory to the decision."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.audio.word_spotter import SCORE
from thresh.gateware.lib.access import region_port
from thresh.layout.link import READ_LATENCY, VALUE_BYTES, Region

VALUE = 8 * VALUE_BYTES


class OutputReader(wiring.Component):
    """Reads as many values as there are classes, a word in 9 cycles.

    Parameters
    ----------
    word_bits : int
        Of the core's port.
    values : int
        In a word of the state memory, a power of two.
    classes : int
        That there may be.

    Members
    -------
    start : In(1)
    base : In(16), last_label : In(range(classes))
        Address of the first word; number of the last class.
    access : Out(`region_port`)
    o : Out(stream of `SCORE`)
    """

    def __init__(self, *, word_bits, values, classes):
        self.word_bits = word_bits
        self.values = values
        self.classes = classes
        super().__init__(
            {
                "start": In(1),
                "base": In(16),
                "last_label": In(range(classes)),
                "access": Out(region_port(word_bits)),
                "o": Out(stream.Signature(SCORE)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        access, label = self.access, Signal(range(self.classes))
        wait, part = Signal(range(READ_LATENCY + 1)), Signal(range(self.values))
        m.d.comb += [
            access.region.eq(Region.STATE),
            self.o.p.value.eq(access.read_data.word_select(part, VALUE)),
            self.o.p.last.eq(label == self.last_label),
        ]
        with m.FSM():
            with m.State("REST"):
                m.d.sync += [access.address.eq(self.base), label.eq(0), part.eq(0), wait.eq(0)]
                with m.If(self.start):
                    m.next = "READ"
            with m.State("READ"):
                m.d.comb += access.enable.eq(1)
                m.d.sync += wait.eq(wait + 1)
                with m.If(wait == READ_LATENCY):
                    m.next = "SEND"
            with m.State("SEND"):
                m.d.comb += [access.enable.eq(1), self.o.valid.eq(1)]
                m.d.sync += wait.eq(0)
                with m.If(self.o.ready):
                    m.d.sync += [label.eq(label + 1), part.eq(part + 1)]
                    with m.If(part == self.values - 1):
                        m.d.sync += [access.address.eq(access.address + 1), part.eq(0)]
                        m.next = "READ"
                    with m.If(self.o.p.last):
                        m.next = "REST"
        return m
