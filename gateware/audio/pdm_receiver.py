"""PDM microphone: its clock, its bits, and samples."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

from .cic import Cic
from .halver import Halver
from .sample_ring import SAMPLE


class PdmReceiver(wiring.Component):
    """Clocks a microphone and decimates what it sends at the rising edge.

    The bit is what the pin shows in the last cycle before its clock rises; two registers keep it
    from half a level.

    Cost on iCE40: 250 logic cells for order 3, ratio 125 and halving.

    Parameters
    ----------
    decimator : thresh.audio.decimator.Decimator
    divisor : int
        Cycles of a bit, even and at least 4.

    Members
    -------
    clock : Out(1), data : In(1)
        The microphone's pins.
    o : Out(stream of signed(16), always ready)
        Samples, the first bit being the first after the reset.
    """

    def __init__(self, *, decimator, divisor):
        if divisor < 4 or divisor % 2:
            raise ValueError(f"A PDM clock takes an even number of cycles from 4, not {divisor!r}")
        self.decimator = decimator
        self.divisor = divisor
        super().__init__(
            {
                "clock": Out(1),
                "data": In(1),
                "o": Out(stream.Signature(SAMPLE, always_ready=True)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.cic = cic = Cic(decimator=self.decimator)
        m.submodules.settled = FFSynchronizer(self.data, cic.bit)
        # The clock lags the phase by a cycle, the bit the pin by two; at first the clock is low.
        phase = Signal(range(self.divisor), init=max(3, self.divisor // 2))
        m.d.sync += [
            phase.eq(Mux(phase == self.divisor - 1, 0, phase + 1)),
            self.clock.eq(phase < self.divisor // 2),
        ]
        m.d.comb += cic.strobe.eq(phase == 2)
        out = cic.o
        if self.decimator.halve:
            m.submodules.halver = halver = Halver()
            wiring.connect(m, out, halver.i)
            out = halver.o
        wiring.connect(m, out, wiring.flipped(self.o))
        return m
