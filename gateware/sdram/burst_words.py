"""Burst words: the data that follows a command."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.delayed import delayed

from .sdram_ports import BURST


class BurstWords(wiring.Component):
    """Words read are valid CAS latency + ``pad_delay`` + 2 cycles after the command and on; words
    written are taken from the command's cycle on.

    Parameters
    ----------
    chip : thresh.layout.sdram_chip.SdramChip
    pad_delay : int
        As the `SdramController`'s.

    Members
    -------
    read, write : In(1), ends : In(1)
        The command given now, and that the last word read is ``last``.
    word : Out(16), valid : Out(1), last : Out(1)
        As of `READ_WORDS`.
    write_data : In(16), write_take : Out(1)
        As the `SdramController`'s.
    dq_i : In(16), dq_o : Out(16), dq_oe : Out(1)
        As the `sdram_pins`'.
    """

    def __init__(self, *, chip, pad_delay):
        self.latency = chip.cas_latency + pad_delay + 1
        super().__init__(
            {
                "read": In(1),
                "write": In(1),
                "ends": In(1),
                "word": Out(16),
                "valid": Out(1),
                "last": Out(1),
                "write_data": In(16),
                "write_take": Out(1),
                "dq_i": In(16),
                "dq_o": Out(16),
                "dq_oe": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        reading, writing, closing = Signal(range(BURST + 1)), Signal(range(BURST)), Signal()
        with m.If(self.read):
            m.d.sync += [reading.eq(BURST), closing.eq(self.ends)]
        with m.Elif(reading != 0):
            m.d.sync += reading.eq(reading - 1)
        with m.If(self.write):
            m.d.sync += writing.eq(BURST - 1)
        with m.Elif(writing != 0):
            m.d.sync += writing.eq(writing - 1)
        last = closing & (reading == 1)
        m.d.comb += [
            self.valid.eq(delayed(m, reading != 0, self.latency, "valid")[-1]),
            self.last.eq(delayed(m, last, self.latency, "last")[-1]),
            self.write_take.eq(self.write | (writing != 0)),
        ]
        m.d.sync += [
            self.word.eq(self.dq_i),
            self.dq_o.eq(self.write_data),
            self.dq_oe.eq(self.write_take),
        ]
        return m
