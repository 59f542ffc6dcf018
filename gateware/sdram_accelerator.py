"""The accelerator with its columns in SDRAM."""

from amaranth.lib import wiring
from amaranth.lib.wiring import Out

from .accelerator import Accelerator
from .sdram.sdram_ports import sdram_pins
from .sdram_core import SdramCore


class SdramAccelerator(Accelerator):
    """A `SdramCore` behind a serial line.

    Parameters
    ----------
    geometry, clock_hz, baud, primitives, image
        As the `Accelerator`'s.
    chip : thresh.layout.sdram_chip.SdramChip
    pad_delay : int
        As the `SdramController`'s.

    Members
    -------
    pins : Out(`sdram_pins`)
        Beside the `Accelerator`'s.
    """

    def __init__(self, *, chip, pad_delay=0, **parameters):
        self.chip = chip
        self.pad_delay = pad_delay
        self.more_members = {"pins": Out(sdram_pins(chip))}
        super().__init__(**parameters)

    def _core(self):
        return SdramCore(
            geometry=self.geometry, primitives=self.primitives, image=self.image,
            clock_hz=self.clock_hz, chip=self.chip, pad_delay=self.pad_delay,
        )  # fmt: skip

    def elaborate(self, platform):
        m = super().elaborate(platform)
        wiring.connect(m, m.submodules.core.pins, wiring.flipped(self.pins))
        return m
