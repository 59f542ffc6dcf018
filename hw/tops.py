"""An accelerator on a board: clock, serial pins and lights."""

from amaranth import *
from amaranth.lib import io, wiring
from amaranth.lib.cdc import FFSynchronizer

from .board import Board
from .board_platform import hold_constants, request_light
from .clocks import Clock
from .lights import Stretcher
from .sdram_pads import SdramPads

HOLD_SECONDS = 0.03
"""Least time a light is lit for one event."""


class BoardTop(wiring.Component):
    """A core with serial pins on a board.

    Its lights show what the board's description says of them.

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
        # ECP5 has none. A Gowin flip-flop is reset whatever its enable is.
        family = self.board.family
        m.domains.sync = ClockDomain(async_reset=family == "ice40", reset_less=family == "ecp5")
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
        for name in self.board.lights:
            pad = request_light(platform, self.board, name)
            m.submodules[f"{name}_light"] = buffer = io.Buffer("o", pad)
            m.d.comb += buffer.o.eq(lights[name])

        if hasattr(core, "pins"):
            m.submodules.sdram_pads = pads = SdramPads()
            wiring.connect(m, core.pins, pads.pins)

        hold_constants(m, platform, self.board)
        return m
