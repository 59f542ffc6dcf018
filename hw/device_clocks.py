"""A device's two clock domains: one that never stops, and one that runs while it is wanted."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.cdc import AsyncFFSynchronizer, FFSynchronizer
from amaranth.lib.wiring import In, Out

from .board import MARGIN
from .clock_ring import ClockRing
from .device_boards import DeviceBoard
from .ecp5_pll import pll_instance, second_output
from .pll import ecp5_pll

OSCILLATOR_DIVIDERS = {48e6: "0b00", 24e6: "0b01", 12e6: "0b10", 6e6: "0b11"}
"""CLKHF_DIV of SB_HFOSC by its frequency, which is 10 % off at most."""

POWER_ON_BITS = 8
"""Audio cycles, as a power of two, that the oscillator is given before its clock is let out: it
needs 100 us, and block RAM reads zeros for the first 3."""


class DeviceClocks(wiring.Component):
    """Drives the domains ``audio`` and ``sync`` of a device, and clocks its PDM microphone.

    iCE40: the crystal's clock feeds a `ClockRing` and one more register through plain wires,
    because a global net at 12 MHz draws 0.5 mA, whatever hangs on it (`estimates.energy`); the
    ring's output is the audio domain's. ``sync`` is SB_HFOSC, powered always and let out while
    ``wanted``. Both domains have an asynchronous reset.

    ECP5: the PLL makes both, ``sync`` behind a DCCA. Domains begin once it has locked and have no
    reset.

    Parameters
    ----------
    device : DeviceBoard
    divisor : int
        Of the audio domain's clock.

    Members
    -------
    wanted : In(1)
        In domain ``audio``, from a register: ``sync`` is to run.
    mic_clock : Out(1)
        A PDM microphone's clock: rises with the audio domain's.
    mic_data : In(1)
        Its pin.
    mic_bit : Out(1)
        What the pin showed one divided cycle before the clock rose, for the audio domain's
        rising edge to take.
    """

    def __init__(self, *, device: DeviceBoard, divisor):
        self.device = device
        self.divisor = divisor
        super().__init__(
            {"wanted": In(1), "mic_clock": Out(1), "mic_data": In(1), "mic_bit": Out(1)}
        )

    @property
    def clocks_hz(self):
        """Fastest clock of each domain, Hz, which the flow's margin is above."""
        divided = self.device.divided_hz
        return {
            "divided": divided,
            "audio": divided / self.divisor,
            "sync": self.device.fastest_core_hz,
        }

    def elaborate(self, platform):
        m = Module()
        m.domains.divided = divided = ClockDomain(reset_less=True, local=True)
        m.domains.divided_fall = fall = ClockDomain(reset_less=True, local=True, clk_edge="neg")
        m.submodules.ring = ring = ClockRing(divisor=self.divisor)
        m.d.divided += self.mic_bit.eq(Mux(ring.before, self.mic_data, self.mic_bit))
        audio = Signal(name="audio_clock", attrs={"keep": 1})
        crystal = Signal(name="divided_clock", attrs={"keep": 1})
        core = Signal(name="core_clock", attrs={"keep": 1})
        m.d.comb += [divided.clk.eq(crystal), fall.clk.eq(crystal), self.mic_clock.eq(ring.o)]
        for clock, name in ((crystal, "divided"), (audio, "audio"), (core, "sync")):
            platform.add_clock_constraint(clock, self.clocks_hz[name] * MARGIN)
        pad = platform.request(platform.default_clk, dir="-")
        family = {"ice40": self._ice40, "ecp5": self._ecp5}[self.device.board.family]
        family(m, pad.io, crystal, audio, core)
        return m

    def _ice40(self, m, pad, crystal, audio, core):
        ring = m.submodules.ring
        m.submodules.pad = Instance(
            "SB_IO", p_PIN_TYPE=Const(0b000001, 6), io_PACKAGE_PIN=pad, o_D_IN_0=crystal
        )
        m.submodules.audio = Instance(
            "SB_GB", i_USER_SIGNAL_TO_GLOBAL_BUFFER=ring.o, o_GLOBAL_BUFFER_OUTPUT=audio
        )
        m.domains.power_on = power_on = ClockDomain(reset_less=True, local=True)
        waited = Signal(POWER_ON_BITS + 1)
        ready = waited[-1]
        with m.If(~ready):
            m.d.power_on += waited.eq(waited + 1)
        m.submodules.oscillator = Instance(
            "SB_HFOSC",
            p_CLKHF_DIV=OSCILLATOR_DIVIDERS[self.device.core_hz],
            i_CLKHFPU=Const(1),
            i_CLKHFEN=self.wanted & ready,
            o_CLKHF=core,
        )
        m.d.comb += [
            power_on.clk.eq(audio),
            ClockSignal("audio").eq(audio),
            ClockSignal("sync").eq(core),
        ]
        # nextpnr is told to promote no net, or it would promote the crystal's.
        for domain in ("audio", "sync"):
            released = Signal(name=f"{domain}_reset")
            m.submodules[f"{domain}_reset"] = AsyncFFSynchronizer(~ready, released, o_domain=domain)
            m.submodules[f"{domain}_reset_net"] = Instance(
                "SB_GB",
                i_USER_SIGNAL_TO_GLOBAL_BUFFER=released,
                o_GLOBAL_BUFFER_OUTPUT=ResetSignal(domain),
            )

    def _ecp5(self, m, pad, crystal, audio, core):
        board, wire = self.device.board, Signal()
        locked, ready, open_ = Signal(), Signal(), Signal()
        pll = ecp5_pll(board.crystal_hz, self.device.core_hz)
        m.submodules.pad = Instance("IB", i_I=pad, o_O=wire)
        m.submodules.pll = pll_instance(
            pll, input_hz=board.crystal_hz, output_hz=self.device.core_hz, crystal=wire,
            clock=core, locked=locked,
            **second_output(
                pll, input_hz=board.crystal_hz, output_hz=self.device.divided_hz, clock=crystal
            ),
        )  # fmt: skip
        m.domains.core = free = ClockDomain(reset_less=True, local=True)
        m.submodules.ready = FFSynchronizer(locked, ready, o_domain="divided")
        # From five registers on nextpnr makes `core` a global net, which reaches few DCCA.
        m.submodules.open = FFSynchronizer(self.wanted & locked, open_, o_domain="core")
        m.submodules.gate = Instance("DCCA", i_CLKI=core, i_CE=open_, o_CLKO=ClockSignal("sync"))
        m.d.comb += [
            free.clk.eq(core),
            m.submodules.ring.clear.eq(~ready),
            audio.eq(m.submodules.ring.o),
            ClockSignal("audio").eq(audio),
        ]
