"""The accelerator's clock domain from a board's crystal."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.cdc import FFSynchronizer, ResetSynchronizer

from .board import MARGIN, Board
from .chips import CHIPS
from .ecp5_pll import pll_instance
from .pll import ecp5_pll, gowin_pll, ice40_pll

POWER_ON_US = 15
"""Reset of an iCE40 after its PLL locked: block RAM reads zeros for the first 3 microseconds."""


class Clock(wiring.Component):
    """Drives the ``sync`` domain: crystal, PLL, and a start once the PLL has locked.

    On iCE40 and Gowin a reset ends `POWER_ON_US` later. On ECP5 the clock begins then, so that
    every register starts as the bitstream says and none needs a reset: that net would have
    thousands of ends all over the die.

    Nothing but the PLL runs on the crystal. The constraint given to nextpnr is `MARGIN` above
    the clock.

    Parameters
    ----------
    board : Board
    """

    def __init__(self, *, board: Board):
        self.board = board
        super().__init__({})

    def elaborate(self, platform):
        m = Module()
        clock, locked = Signal(name="clock", attrs={"keep": 1}), Signal()
        pad = platform.request(platform.default_clk, dir="-")
        platform.add_clock_constraint(clock, self.board.clock_hz * MARGIN)
        family = self.board.family
        pll = {"ice40": self._ice40, "ecp5": self._ecp5, "gowin": self._gowin}[family]
        m.submodules.pll = pll(pad.io, clock, locked)

        m.domains.power_on = power_on = ClockDomain(reset_less=True, local=True)
        m.d.comb += power_on.clk.eq(clock)
        start = self._gate if family == "ecp5" else self._reset
        start(m, clock, locked)
        return m

    def _gate(self, m, clock, locked):
        """The domain's clock begins when the PLL has locked."""
        ready = Signal()
        # From five registers on nextpnr makes `clock` a global net, which reaches few DCCA.
        m.submodules.ready = FFSynchronizer(locked, ready, o_domain="power_on")
        m.submodules.gate = Instance("DCCA", i_CLKI=clock, i_CE=ready, o_CLKO=ClockSignal())

    def _reset(self, m, clock, locked):
        """The domain's reset ends some time after the PLL has locked."""
        m.d.comb += ClockSignal().eq(clock)
        cycles = round(POWER_ON_US * 1e-6 * self.board.clock_hz)
        waited = Signal(range(cycles + 1))
        ready, stable = Signal(), Signal()
        m.d.power_on += stable.eq(locked)
        with m.If(~stable):
            m.d.power_on += [waited.eq(0), ready.eq(0)]
        with m.Elif(waited == cycles):
            m.d.power_on += ready.eq(1)
        with m.Else():
            m.d.power_on += waited.eq(waited + 1)
        m.submodules.reset = ResetSynchronizer(~ready)

    def _ice40(self, pad, clock, locked):
        pll = ice40_pll(self.board.crystal_hz, self.board.clock_hz)
        settings = dict(
            p_FEEDBACK_PATH="SIMPLE",
            p_PLLOUT_SELECT="GENCLK",
            p_DIVR=Const(pll.divr, 4),
            p_DIVF=Const(pll.divf, 7),
            p_DIVQ=Const(pll.divq, 3),
            p_FILTER_RANGE=Const(pll.filter_range, 3),
            i_RESETB=Const(1),
            i_BYPASS=Const(0),
            o_PLLOUTGLOBAL=clock,
            o_LOCK=locked,
        )
        if self.board.clock.sites == CHIPS[self.board.device].pll_site:
            return Instance("SB_PLL40_PAD", io_PACKAGEPIN=pad, **settings)
        m = Module()
        crystal = Signal()
        m.submodules.pad = Instance(
            "SB_IO", p_PIN_TYPE=Const(0b000001, 6), io_PACKAGE_PIN=pad, o_D_IN_0=crystal
        )
        m.submodules.pll = Instance("SB_PLL40_CORE", i_REFERENCECLK=crystal, **settings)
        return m

    def _ecp5(self, pad, clock, locked):
        pll = ecp5_pll(self.board.crystal_hz, self.board.clock_hz)
        m = Module()
        crystal = Signal()
        m.submodules.pad = Instance("IB", i_I=pad, o_O=crystal)
        m.submodules.pll = pll_instance(
            pll, input_hz=self.board.crystal_hz, output_hz=self.board.clock_hz, crystal=crystal,
            clock=clock, locked=locked,
        )  # fmt: skip
        return m

    def _gowin(self, pad, clock, locked):
        pll = gowin_pll(self.board.crystal_hz, self.board.clock_hz)
        m = Module()
        crystal = Signal()
        m.submodules.pad = Instance("IBUF", i_I=pad, o_O=crystal)
        m.submodules.pll = Instance(
            "rPLL",
            p_DEVICE=CHIPS[self.board.device].size,
            p_FCLKIN=f"{self.board.crystal_hz / 1e6:g}",
            p_IDIV_SEL=pll.input - 1,
            p_FBDIV_SEL=pll.feedback - 1,
            p_ODIV_SEL=pll.output,
            p_CLKFB_SEL="internal",
            i_CLKIN=crystal,
            i_CLKFB=Const(0),
            i_RESET=Const(0),
            i_RESET_P=Const(0),
            o_CLKOUT=clock,
            o_LOCK=locked,
            **{f"i_{name}": Const(0, bits) for name, bits in _UNUSED_RPLL.items()},
        )
        return m


_UNUSED_RPLL = {"FBDSEL": 6, "IDSEL": 6, "ODSEL": 6, "PSDA": 4, "DUTYDA": 4, "FDLY": 4}
"""Inputs that change an rPLL while it runs."""
