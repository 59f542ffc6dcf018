"""The audio blocks in the Amaranth simulator."""

from amaranth.hdl import Module
from amaranth.lib import wiring

from thresh.gateware.audio.front_end import FrontEnd
from thresh.gateware.audio.multiplier_port import SoleMultiplier


class FrontEndAlone(wiring.Component):
    """A `FrontEnd`, ``unit``, with a multiplier of its own."""

    def __init__(self, *, multiplier, **options):
        self.sole = SoleMultiplier(multiplier=multiplier)
        self.unit = FrontEnd(latency=self.sole.latency, **options)
        super().__init__({})

    def elaborate(self, platform):
        m = Module()
        m.submodules.unit, m.submodules.sole = self.unit, self.sole
        wiring.connect(m, self.unit.multiplier, self.sole.port)
        return m
