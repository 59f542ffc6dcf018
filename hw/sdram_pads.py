"""ULX3S's SDRAM: pads and clock."""

from amaranth import *
from amaranth.lib import io, wiring
from amaranth.lib.wiring import In

from thresh.gateware.sdram.sdram_ports import sdram_pins
from thresh.layout.sdram_chip import ULX3S_SDRAM

PAD_DELAY = 2
"""Cycles that the pads add between a command and its words, see `SdramPads`."""


class SdramPads(wiring.Component):
    """Registers in every pad, and the chip's clock half a cycle late.

    Commands and data leave with the clock's rising edge, the chip takes them in at its falling
    edge: half a cycle of setup and hold. A word comes back CAS latency - 1/2 cycles after that and
    is taken at the second rising edge after the one before it, `PAD_DELAY` cycles later than
    without pads. With 5.4 ns of access time and 5 to 6 ns through both pads that edge lies in the
    word's window from about 90 to 130 MHz; this is calculated and has not been tried on a board.

    Members
    -------
    pins : In(`sdram_pins`)
    """

    def __init__(self):
        super().__init__({"pins": In(sdram_pins(ULX3S_SDRAM))})

    def elaborate(self, platform):
        m = Module()
        ports = platform.request("sdram", 0, dir="-")
        m.submodules.clock = clock = io.DDRBuffer("o", ports.clk)
        m.d.comb += Cat(clock.o).eq(0b10)

        ras, cas, we = (self.pins.command[bit] for bit in (2, 1, 0))
        # What is asserted low on the chip is inverted by its pad.
        outputs = {
            "clk_en": 1, "cs": 1, "ras": ras, "cas": cas, "we": we, "ba": self.pins.bank,
            "a": self.pins.address, "dqm": self.pins.mask,
        }  # fmt: skip
        for name, value in outputs.items():
            m.submodules[name] = buffer = io.FFBuffer("o", getattr(ports, name))
            m.d.comb += buffer.o.eq(value)
        m.submodules.dq = dq = io.FFBuffer("io", ports.dq)
        m.d.comb += [
            dq.o.eq(self.pins.dq_o),
            dq.oe.eq(self.pins.dq_oe),
            self.pins.dq_i.eq(dq.i),
        ]
        return m
