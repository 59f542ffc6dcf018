"""Word port: one word of a region after another, whoever asks."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.access import region_port
from thresh.layout.link import READ_LATENCY, Region

WRITE_CYCLES = 3
"""Cycles of a word that is written: its region is there a cycle before, the word one after."""


def word_request(word_bits):
    """Signature of a request for a word, a stream with its payload in parts.

    ``write``: ``data`` is stored at ``address`` of ``region``; otherwise the word is answered.
    """
    return wiring.Signature(
        {
            "valid": Out(1),
            "ready": In(1),
            "write": Out(1),
            "region": Out(Region),
            "address": Out(16),
            "data": Out(word_bits),
        }
    )


class WordPort(wiring.Component):
    """Carries out requests on a core that rests.

    A word is written in `WRITE_CYCLES` + 2 cycles and read in `READ_LATENCY` + 3.

    Parameters
    ----------
    word_bits : int

    Members
    -------
    i : In(`word_request`)
        Only while the core is not busy. Taken in its first cycle.
    access : Out(`region_port`)
    done : Out(1)
        In the last cycle of a request; ``word`` is then what was read, and stays.
    word : Out(word_bits)
    wrote : Out(1)
        The request under way, or the one before, writes.
    """

    def __init__(self, *, word_bits):
        self.word_bits = word_bits
        super().__init__(
            {
                "i": In(word_request(word_bits)),
                "access": Out(region_port(word_bits)),
                "done": Out(1),
                "word": Out(word_bits),
                "wrote": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        access, request = self.access, self.i
        cycles = Signal(range(READ_LATENCY + 2))
        m.d.sync += access.write.eq(0)
        with m.FSM():
            with m.State("REST"):
                m.d.comb += request.ready.eq(1)
                m.d.sync += [access.enable.eq(0), cycles.eq(0)]
                with m.If(request.valid):
                    m.d.sync += [
                        access.enable.eq(1),
                        access.region.eq(request.region),
                        access.address.eq(request.address),
                        access.write_data.eq(request.data),
                        self.wrote.eq(request.write),
                    ]
                    m.next = "MOVE"
            with m.State("MOVE"):
                m.d.sync += [cycles.eq(cycles + 1), access.write.eq(self.wrote & (cycles == 0))]
                last = Mux(self.wrote, WRITE_CYCLES - 1, READ_LATENCY)
                with m.If(cycles == last):
                    m.d.sync += self.word.eq(access.read_data)
                    m.next = "DONE"
            with m.State("DONE"):
                m.d.comb += self.done.eq(1)
                m.next = "REST"
        return m
