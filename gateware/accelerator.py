"""The accelerator: a core behind a serial line."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .core import Core
from .engines import engine_pins
from .link.host_link import HostLink
from .link.packet_receiver import PacketReceiver
from .link.packet_sender import PacketSender
from .link.uart import UartReceiver, UartTransmitter

SERIAL_MEMBERS = {
    "rx": In(1, init=1), "tx": Out(1, init=1), "loaded": Out(1), "busy": Out(1), "fired": Out(1),
}  # fmt: skip
"""The line of an accelerator, and what it says beside it."""


class Accelerator(wiring.Component):
    """UART -> `HostLink` -> `Core` -> `HostLink` -> UART.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    primitives : Primitives or None
    clock_hz : float
    baud : int
        Of the serial line; the clock should be a multiple within 1 %, and 8 times as fast or more.
    image : thresh.layout.image.Image or None
        A network that is there from power-up.
    sdram : SdramSetup or None
        As the `Core`'s; its clock is the accelerator's.

    Members
    -------
    rx : In(1)
        Already synchronous to the clock.
    tx : Out(1)
    loaded, busy, fired : Out(1)
        A network is there; a step is under way; an event fired.
    pins : Out(`sdram_pins`)
        Where columns are in SDRAM.
    """

    def __init__(self, *, geometry, clock_hz, baud, primitives=None, image=None, sdram=None):
        if image is not None and image.geometry != geometry:
            raise ValueError("The image was laid out for another geometry than the accelerator's")
        self.geometry = geometry
        self.clock_hz = clock_hz
        self.baud = baud
        self.primitives = primitives
        self.image = image
        self.sdram = sdram
        self.receiver = UartReceiver(divisor=round(clock_hz / baud))
        super().__init__(SERIAL_MEMBERS | engine_pins(geometry, sdram))

    @staticmethod
    def memories(geometry, primitives):
        """Every `MemoryShape` inside."""
        room = geometry.packet_bytes
        packets = PacketReceiver.memories(room) + PacketSender.memories(room)
        return Core.memories(geometry, primitives) + packets

    @staticmethod
    def multipliers(geometry, primitives):
        """Multipliers of the device inside."""
        return Core.multipliers(geometry, primitives)

    def elaborate(self, platform):
        m = Module()
        m.submodules.receiver = receiver = self.receiver
        m.submodules.transmitter = transmitter = UartTransmitter(divisor=receiver.divisor)
        m.submodules.link = link = HostLink(
            geometry=self.geometry,
            clock_khz=round(self.clock_hz / 1000),
            loaded=self.image is not None,
        )
        m.submodules.core = core = Core(
            geometry=self.geometry, primitives=self.primitives, image=self.image, sdram=self.sdram
        )
        # A preloaded network starts with a new sequence of its own.
        starting = Signal(init=self.image is not None)
        m.d.sync += starting.eq(0)
        m.d.comb += [
            receiver.rx.eq(self.rx),
            self.tx.eq(transmitter.tx),
            link.i.valid.eq(receiver.o.valid),
            link.i.payload.eq(receiver.o.payload),
            link.restart.eq(receiver.broken),
            receiver.o.ready.eq(1),
            core.new_sequence.eq(link.new_sequence | starting),
            link.done.eq(core.done),
            link.busy.eq(core.busy),
            link.fault.eq(core.fault),
            link.output_base.eq(core.output_base),
            link.output_words_minus_1.eq(core.output_words_minus_1),
            link.inputs_minus_1.eq(core.inputs_minus_1),
            self.loaded.eq(link.loaded),
            self.busy.eq(core.busy),
            self.fired.eq(core.fired),
        ]
        wiring.connect(m, link.o, transmitter.i)
        wiring.connect(m, link.x, core.x)
        wiring.connect(m, link.access, core.access)
        if "pins" in self.signature.members:
            wiring.connect(m, core.pins, wiring.flipped(self.pins))
        return m
