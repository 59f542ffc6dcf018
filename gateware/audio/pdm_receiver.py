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
    from half a level. With a bit in every cycle the microphone's clock is the block's own, and
    ``data`` is taken as it is: who has the clock has registered it.

    Cost on iCE40: 244 logic cells for order 3, ratio 125 and halving, with a bit in every
    cycle 237.

    Parameters
    ----------
    decimator : thresh.audio.decimator.Decimator
    divisor : int
        Cycles of a bit: 1, or even and at least 4.

    Members
    -------
    clock : Out(1), data : In(1)
        The microphone's pins; ``clock`` is not there with a bit in every cycle.
    o : Out(stream of signed(16), always ready)
        Samples, the first bit being the first after the reset.
    """

    def __init__(self, *, decimator, divisor):
        if divisor != 1 and (divisor < 4 or divisor % 2):
            raise ValueError(
                f"A PDM clock takes 1 cycle or an even number of them from 4, not {divisor!r}"
            )
        self.decimator = decimator
        self.divisor = divisor
        super().__init__(
            {
                **({} if divisor == 1 else {"clock": Out(1)}),
                "data": In(1),
                "o": Out(stream.Signature(SAMPLE, always_ready=True)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.cic = cic = Cic(decimator=self.decimator)
        if self.divisor == 1:
            m.d.comb += [cic.bit.eq(self.data), cic.strobe.eq(1)]
        else:
            self._clock(m, cic)
        out = cic.o
        if self.decimator.halve:
            m.submodules.halver = halver = Halver()
            wiring.connect(m, out, halver.i)
            out = halver.o
        wiring.connect(m, out, wiring.flipped(self.o))
        return m

    def _clock(self, m, cic):
        """The clock lags the phase by a cycle, the bit the pin by two; at first it is low."""
        m.submodules.settled = FFSynchronizer(self.data, cic.bit)
        phase = Signal(range(self.divisor), init=max(3, self.divisor // 2))
        m.d.sync += [
            phase.eq(Mux(phase == self.divisor - 1, 0, phase + 1)),
            self.clock.eq(phase < self.divisor // 2),
        ]
        m.d.comb += cic.strobe.eq(phase == 2)
