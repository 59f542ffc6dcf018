"""A component with the members of a device and little behind them, for tests of its pins."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class StubDevice(wiring.Component):
    """Registers of both domains between the pins."""

    def __init__(self, *, classes=10, i2s=False):
        self.i2s = i2s
        ones = ("mic_clock", "mic_select") if i2s else ()
        outputs = ("sck", "mosi", "loaded", "fell_back", "heard", *ones)
        super().__init__(
            {name: Out(1) for name in outputs}
            | {name: In(1) for name in ("mic_data", "miso", "rx")}
            | {name: Out(1, init=1) for name in ("cs_n", "tx", "wanted")}
            | {"label": Out(6), "word": Out(classes)}
        )

    def elaborate(self, platform):
        m = Module()
        reads, hears = Signal(8), Signal(8)
        m.d.sync += reads.eq(reads + self.miso)
        m.d.comb += [
            Cat(self.sck, self.cs_n, self.mosi, self.loaded).eq(reads[4:]),
            self.fell_back.eq(reads[0]),
        ]
        m.d.audio += [
            hears.eq(hears + self.mic_data),
            self.tx.eq(self.rx),
            self.word.eq(Cat(hears[7], self.word)),
            self.wanted.eq(hears[6]),
        ]
        if self.i2s:
            m.d.comb += [self.mic_clock.eq(hears[1]), self.mic_select.eq(hears[2])]
        return m
