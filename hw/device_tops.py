"""A device on a board: microphone, flash, decisions, lights and serial pins."""

from amaranth import *
from amaranth.build import Attrs, Pins, Resource
from amaranth.lib import io, wiring
from amaranth.lib.cdc import FFSynchronizer

from .board_platform import FLASH, LEVELS, hold_constants
from .device_boards import DeviceBoard
from .device_clocks import DeviceClocks

LED_CURRENT = "0b000001"
"""Of each colour: 2 mA, the least that SB_RGBA_DRV drives in its half mode."""


class DeviceTop(wiring.Component):
    """A device between the pins of a board; see `DEVICE_BOARDS` for which these are.

    The green light says that a network is loaded; the red one that none is, or that one was passed
    over; the blue one is lit as long as a decision's pin is high. On ULX3S LED 0, 1 and 2.

    Parameters
    ----------
    device : DeviceBoard
    core : component
        `thresh.gateware.device.device.Device`, or one with its members.
    divisor : int
        Of the audio domain's clock.
    """

    def __init__(self, *, device: DeviceBoard, core, divisor):
        self.device = device
        self.core = core
        self.clocks = DeviceClocks(device=device, divisor=divisor)
        super().__init__({})

    @property
    def clocks_hz(self):
        """Fastest clock of each domain, Hz."""
        return self.clocks.clocks_hz

    @property
    def router_options(self):
        """Beside the family's: `DeviceClocks` says which nets of an iCE40 are global."""
        return ("--no-promote-globals",) if self.device.board.family == "ice40" else ()

    def elaborate(self, platform):
        m = Module()
        ice40 = self.device.board.family == "ice40"
        # As in `BoardTop`: an asynchronous reset on iCE40, none on ECP5.
        for name in ("audio", "sync"):
            domain = ClockDomain(name, async_reset=ice40, reset_less=not ice40)
            m.domains += domain
        m.submodules.clocks = clocks = self.clocks
        m.submodules.core = core = self.core
        m.d.comb += clocks.wanted.eq(core.wanted)
        self._microphone(m, platform)
        self._flash(m, platform)
        self._line(m, platform)
        self._decisions(m, platform)
        lights = {
            "loaded": core.loaded,
            "fault": ~core.loaded | core.fell_back,
            "heard": core.word.any(),
        }
        if ice40:
            self._rgb_lights(m, platform, lights)
        else:
            self._leds(m, platform, lights)
        hold_constants(m, platform, self.device.board)
        return m

    def _microphone(self, m, platform):
        core, clocks, pins = self.core, self.clocks, self.device.microphone
        i2s = hasattr(core, "mic_select")
        data = self._pad(platform, "mic_data", pins["data"].site, "i")
        m.submodules.mic_data = buffer = io.Buffer("i", data)
        clock = core.mic_clock if i2s else clocks.mic_clock
        self._output(m, platform, "mic_clock", pins["clock"].site, clock)
        if i2s:
            m.d.comb += core.mic_data.eq(buffer.i)
            self._output(m, platform, "mic_select", pins["select"].site, core.mic_select)
        else:
            m.d.comb += [clocks.mic_data.eq(buffer.i), core.mic_data.eq(clocks.mic_bit)]

    def _flash(self, m, platform):
        name = FLASH[self.device.board.family]
        core, flash = self.core, platform.request(name, 0, dir="-")
        # These pads are active low, and their buffers turn what they are given.
        outputs = {"copi": core.mosi, "cs": ~core.cs_n, "wp": Const(0), "hold": Const(0)}
        if hasattr(flash, "clk"):
            outputs["clk"] = core.sck
        else:
            m.submodules.usrmclk = Instance("USRMCLK", i_USRMCLKI=core.sck, i_USRMCLKTS=Const(0))
        for name, value in outputs.items():
            m.submodules[f"flash_{name}"] = buffer = io.Buffer("o", getattr(flash, name))
            m.d.comb += buffer.o.eq(value)
        m.submodules.flash_cipo = buffer = io.Buffer("i", flash.cipo)
        m.d.comb += core.miso.eq(buffer.i)

    def _line(self, m, platform):
        uart = platform.request("uart", 0, dir="-")
        m.submodules.rx_pad = rx = io.Buffer("i", uart.rx)
        m.submodules.tx_pad = tx = io.Buffer("o", uart.tx)
        m.submodules.rx_sync = FFSynchronizer(rx.i, self.core.rx, init=1, o_domain="audio")
        m.d.comb += tx.o.eq(self.core.tx)

    def _decisions(self, m, platform):
        for number, level in enumerate(self.core.word):
            self._output(m, platform, f"word_{number}", self.device.words[number].site, level)

    def _rgb_lights(self, m, platform, lights):
        order = {"RGB0": ("fault", "39"), "RGB1": ("loaded", "40"), "RGB2": ("heard", "41")}
        pads = {
            f"o_{name}": self._pad(platform, f"rgb_{light}", site, "o").io
            for name, (light, site) in order.items()
        }
        levels = {f"i_{name}PWM": lights[light] for name, (light, _) in order.items()}
        m.submodules.rgb = Instance(
            "SB_RGBA_DRV",
            p_CURRENT_MODE="0b1",
            **{f"p_{name}_CURRENT": LED_CURRENT for name in order},
            i_CURREN=Const(1),
            i_RGBLEDEN=Const(1),
            **levels,
            **pads,
        )

    def _leds(self, m, platform, lights):
        for number, name in enumerate(("loaded", "fault", "heard")):
            pad = platform.request("led", number, dir="-")
            m.submodules[f"{name}_light"] = buffer = io.Buffer("o", pad)
            m.d.comb += buffer.o.eq(lights[name])

    def _output(self, m, platform, name, site, value):
        m.submodules[f"{name}_pad"] = buffer = io.Buffer("o", self._pad(platform, name, site, "o"))
        m.d.comb += buffer.o.eq(value)

    def _pad(self, platform, name, site, direction):
        levels = Attrs(**LEVELS[self.device.board.family])
        platform.add_resources([Resource(name, 0, Pins(site, dir=direction), levels)])
        return platform.request(name, 0, dir="-")
