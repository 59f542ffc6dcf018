"""I2S microphone: its clocks and its samples."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

from thresh.audio.decimator import SAMPLE_BITS
from thresh.audio.i2s_words import FRAME_CLOCKS

from .halver import Halver
from .sample_ring import SAMPLE


class I2sReceiver(wiring.Component):
    """Clocks a microphone, 64 bit clocks a frame, and keeps 16 bits of the left channel's words.

    ``thresh.audio.i2s_words.I2sWords`` of any width: words come with the upper bits first, one bit
    clock after the word select falls, and change at the falling edge of the bit clock.

    Cost on iCE40: 43 logic cells, 95 with halving.

    Parameters
    ----------
    divisor : int
        Cycles of a bit clock, even and at least 4.
    halve : bool
        Whether two samples make one.

    Members
    -------
    clock : Out(1), select : Out(1), data : In(1)
        The microphone's pins: bit clock, word select and data.
    o : Out(stream of signed(16), always ready)
    """

    def __init__(self, *, divisor, halve=False):
        if divisor < 4 or divisor % 2:
            raise ValueError(f"A bit clock takes an even number of cycles from 4, not {divisor!r}")
        self.divisor = divisor
        self.halve = halve
        super().__init__(
            {
                "clock": Out(1),
                "select": Out(1),
                "data": In(1),
                "o": Out(stream.Signature(SAMPLE, always_ready=True)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        bit, word = Signal(), Signal(SAMPLE_BITS)
        m.submodules.settled = FFSynchronizer(self.data, bit)
        # Place in the frame; the pins lag the phase by a cycle, what they show by two more.
        half = self.divisor // 2
        phase, place = Signal(range(self.divisor)), Signal(range(FRAME_CLOCKS))
        m.d.sync += [
            phase.eq(Mux(phase == self.divisor - 1, 0, phase + 1)),
            place.eq(place + (phase == self.divisor - 1)),
            self.clock.eq(phase >= half),
            self.select.eq(place[-1]),
        ]
        arrives = (half + 2) % self.divisor
        arrived = Signal.like(place, init=FRAME_CLOCKS - 1 if arrives == 0 else 0)
        whole = Signal()
        strobe = phase == arrives
        m.d.sync += [
            arrived.eq(arrived + strobe),
            whole.eq(strobe & (arrived == SAMPLE_BITS)),
        ]
        with m.If(strobe & (arrived <= SAMPLE_BITS)):
            m.d.sync += word.eq(Cat(bit, word))
        if self.halve:
            m.submodules.halver = halver = Halver()
            m.d.comb += [
                halver.i.valid.eq(whole),
                halver.i.payload.eq(word.as_signed()),
            ]
            wiring.connect(m, halver.o, wiring.flipped(self.o))
        else:
            m.d.comb += [self.o.valid.eq(whole), self.o.payload.eq(word.as_signed())]
        return m
