"""UART shell: the accelerator between two pins."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.cdc import FFSynchronizer

from thresh.gateware.accelerator import SERIAL_MEMBERS, Accelerator


class UartShell(wiring.Component):
    """`Accelerator` behind a pin of any timing: two registers lie between it and the receiver.

    Parameters
    ----------
    geometry, clock_hz, baud, primitives, image :
        As the `Accelerator`'s.

    Members
    -------
    rx : In(1)
        Asynchronous to the clock; high at rest.
    tx : Out(1)
    loaded, busy, fired : Out(1)
        A network is there; a step is under way; an event fired.
    """

    def __init__(self, *, geometry, clock_hz, baud, primitives=None, image=None):
        self.geometry = geometry
        self.clock_hz = clock_hz
        self.baud = baud
        self.primitives = primitives
        self.image = image
        super().__init__(SERIAL_MEMBERS)

    def elaborate(self, platform):
        m = Module()
        m.submodules.accelerator = accelerator = Accelerator(
            geometry=self.geometry, clock_hz=self.clock_hz, baud=self.baud,
            primitives=self.primitives, image=self.image,
        )  # fmt: skip
        m.submodules.synchronizer = FFSynchronizer(self.rx, accelerator.rx, init=1)
        for name in ("tx", "loaded", "busy", "fired"):
            m.d.comb += getattr(self, name).eq(getattr(accelerator, name))
        return m
