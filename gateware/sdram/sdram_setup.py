"""An SDRAM as an accelerator meets it."""

from dataclasses import dataclass

from thresh.layout.sdram_chip import SdramChip


@dataclass(frozen=True, kw_only=True)
class SdramSetup:
    """A chip, and how it is driven.

    Parameters
    ----------
    chip : SdramChip
    clock_hz : float
        Of the accelerator and of the chip.
    pad_delay : int
        Registers between the accelerator's pins and the chip's, both ways together, in cycles.
    """

    chip: SdramChip
    clock_hz: float
    pad_delay: int = 0
