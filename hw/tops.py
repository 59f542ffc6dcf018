"""An accelerator on a board: clock, serial pins and lights."""

from amaranth import *
from amaranth.build import Attrs, Pins, Resource
from amaranth.lib import io, wiring
from amaranth.lib.cdc import FFSynchronizer

from .boards import Board
from .clocks import Clock
from .lights import Stretcher
from .sdram_pads import SdramPads

HOLD_SECONDS = 0.03
"""Least time a light is lit for one event."""


class BoardTop(wiring.Component):
    """A core with serial pins on a board.

    iCEBreaker: the green LED says that a network is loaded, the red one that neurons fire.
    ULX3S: LED 0 loaded, LED 1 busy, LED 2 neurons fire.

    Parameters
    ----------
    board : Board
    core : component
        With members ``rx``, ``tx``, ``loaded``, ``busy`` and ``fired``; ``pins`` where it has an
        SDRAM.
    """

    def __init__(self, *, board: Board, core):
        self.board = board
        self.core = core
        super().__init__({})

    def elaborate(self, platform):
        m = Module()
        # A synchronous reset of an iCE40 flip-flop waits for its enable, and would cost logic
        # before every enable; an asynchronous one does not. `Clock` releases it with the clock.
        # ECP5 has none.
        ice40 = self.board.family == "ice40"
        m.domains.sync = ClockDomain(async_reset=ice40, reset_less=not ice40)
        m.submodules.clock = Clock(board=self.board)
        m.submodules.core = core = self.core

        uart = platform.request("uart", 0, dir="-")
        m.submodules.rx_pad = rx_pad = io.Buffer("i", uart.rx)
        m.submodules.tx_pad = tx_pad = io.Buffer("o", uart.tx)
        m.submodules.rx_sync = FFSynchronizer(rx_pad.i, core.rx, init=1)
        tx = Signal(init=1)
        m.d.sync += tx.eq(core.tx)
        m.d.comb += tx_pad.o.eq(tx)

        lights = {"loaded": core.loaded}
        for name in ("busy", "fired"):
            hold = 1 << round(HOLD_SECONDS * self.board.clock_hz).bit_length()
            m.submodules[name] = stretcher = Stretcher(hold=hold)
            m.d.comb += stretcher.i.eq(getattr(core, name))
            lights[name] = stretcher.o
        for name, pad in self._lights(platform).items():
            m.submodules[f"{name}_light"] = buffer = io.Buffer("o", pad)
            m.d.comb += buffer.o.eq(lights[name])

        if hasattr(core, "pins"):
            m.submodules.sdram_pads = pads = SdramPads()
            wiring.connect(m, core.pins, pads.pins)

        if self.board.family == "ecp5":
            # The ESP32 beside the FPGA restarts the board when this pin floats low.
            platform.add_resources([WIFI_GPIO0])
            m.submodules.wifi = wifi = io.Buffer("o", platform.request("wifi_gpio0", dir="-"))
            m.d.comb += wifi.o.eq(1)
        return m

    def _lights(self, platform):
        if self.board.family == "ice40":
            return {
                "loaded": platform.request("led_g", 0, dir="-"),
                "fired": platform.request("led_r", 0, dir="-"),
            }
        return {
            name: platform.request("led", number, dir="-")
            for number, name in enumerate(("loaded", "busy", "fired"))
        }


WIFI_GPIO0 = Resource(
    "wifi_gpio0", 0, Pins("L2", dir="o"), Attrs(IO_TYPE="LVCMOS33", DRIVE="4", PULLMODE="UP")
)
