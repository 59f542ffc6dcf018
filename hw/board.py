"""A board: all that a build, an estimate and a loader need to know of it, in one description."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from thresh.layout.geometry import Geometry
from thresh.layout.link import DEFAULT_BAUD
from thresh.layout.sdram_chip import SdramChip

from .chips import CHIPS

MARGIN = 1.08
"""Least routed fmax over clock: nextpnr is a few per cent more hopeful than the device."""

LIGHTS = ("loaded", "busy", "fired")
"""What a light may show: a network is loaded, a step is under way, neurons fire."""

NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")
"""Of a board: it names folders and stands in commands."""


@dataclass(frozen=True, kw_only=True)
class Pad:
    """Pins of one signal.

    Parameters
    ----------
    sites : str
        Of the device's package, with spaces between.
    inverted : bool
        Active low.
    attributes : dict
        Of the pads, as the family's constraints call them; 3.3 V when they do not say.
    """

    sites: str
    inverted: bool = False
    attributes: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, kw_only=True)
class Light(Pad):
    """An LED: ``label`` on the board, ``net`` and its number in the pin constraints."""

    label: str
    net: str | None = None
    number: int = 0


@dataclass(frozen=True, kw_only=True)
class Constant(Pad):
    """A pin that has to be held at a level, and why; ``net`` in the pin constraints."""

    name: str
    level: int
    why: str
    net: str | None = None


@dataclass(frozen=True, kw_only=True)
class Uart:
    """The serial port's pins: what the device receives and sends, and how a computer reaches them.

    Parameters
    ----------
    rx, tx : Pad
    port : str
        For people: the bridge beside the device, or the header that wants an adapter.
    """

    rx: Pad
    tx: Pad
    port: str


@dataclass(frozen=True, kw_only=True)
class Crystal(Pad):
    """A crystal or oscillator beside the device, of ``hz``; ``needs`` says what it asks of you."""

    hz: float
    needs: str | None = None


@dataclass(frozen=True, kw_only=True)
class InnerOscillator:
    """The device's own oscillator, of about ``hz``: too inaccurate for a serial line."""

    hz: float


@dataclass(frozen=True, kw_only=True)
class Loader:
    """The program that writes a bitstream.

    Parameters
    ----------
    tool : str
    options : tuple of str
        That reach the board.
    to_flash : tuple of str
        Before a file that is to stay.
    to_sram : tuple of str or None
        Before one that lasts until power-off; None where the tool cannot.
    where : str or None
        Where the tool is found, or how to do without it, for people.
    """

    tool: str = "openFPGALoader"
    options: tuple[str, ...]
    to_flash: tuple[str, ...] = ("--write-flash",)
    to_sram: tuple[str, ...] | None = ("--write-sram",)
    where: str | None = None


@dataclass(frozen=True, kw_only=True)
class Board:
    """One board.

    Parameters
    ----------
    name, title : str
        As typed, and as written for people.
    device, package, speed : str
        As the vendor writes them; no speed where the router asks for none.
    clock : Crystal or InnerOscillator
    clock_hz : float
        Of the accelerator.
    uart : Uart
    lights : dict of Light
        By what they show, of `LIGHTS`.
    constants : tuple of Constant
        Other pins that must not float.
    flash_memory : dict of Pad
        ``cs``, ``copi``, ``cipo``, ``wp``, ``hold``, and ``clk`` where it is an ordinary pin; only
        a device that hears needs it.
    loader : Loader
    usb_ids : tuple of str
        ``vendor:product`` of the board's USB bridge.
    baud : int
    sdram : SdramChip or None
        Beside the device, on ``sdram_pads``.
    sdram_pads : dict of Pad
        ``clk``, ``clk_en``, ``cs``, ``we``, ``ras``, ``cas``, ``ba``, ``a``, ``dq``, ``dqm``.
    own_geometry : Geometry or None
        Dimensions of the accelerator, where not the device's.
    """

    name: str
    title: str
    device: str
    package: str
    speed: str = ""
    clock: Crystal | InnerOscillator
    clock_hz: float
    uart: Uart
    lights: dict[str, Light] = field(default_factory=dict, hash=False)
    constants: tuple[Constant, ...] = ()
    flash_memory: dict[str, Pad] = field(default_factory=dict, hash=False)
    loader: Loader
    usb_ids: tuple[str, ...] = ()
    baud: int = DEFAULT_BAUD
    sdram: SdramChip | None = None
    sdram_pads: dict[str, Pad] = field(default_factory=dict, hash=False)
    own_geometry: Geometry | None = None

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(
                f"A board's name is of small letters, digits, '-' and '.', not {self.name!r}"
            )
        if self.device not in CHIPS:
            raise ValueError(
                f"The device of {self.name} must be one of {', '.join(CHIPS)}, not {self.device!r}"
            )
        chip = CHIPS[self.device]
        if self.package not in chip.packages:
            known = ", ".join(chip.packages)
            raise ValueError(
                f"The package of {self.name} must be one of {known}, not {self.package!r}"
            )
        if self.speed not in (chip.speeds or ("",)):
            known = ", ".join(chip.speeds) or "left out"
            raise ValueError(f"The speed of {self.name} must be {known}, not {self.speed!r}")
        if unknown := set(self.lights) - set(LIGHTS):
            raise ValueError(
                f"The lights of {self.name} show {', '.join(LIGHTS)}, not {min(unknown)!r}"
            )
        sites = Counter(site for pad in self.pads for site in pad.sites.split())
        if twice := [site for site, count in sites.items() if count > 1]:
            raise ValueError(f"Pin {twice[0]} of {self.name} is given to two signals")

    @property
    def pads(self) -> list[Pad]:
        """All that are described."""
        clock = [self.clock] if isinstance(self.clock, Crystal) else []
        return [
            *clock, self.uart.rx, self.uart.tx, *self.lights.values(), *self.constants,
            *self.flash_memory.values(), *self.sdram_pads.values(),
        ]  # fmt: skip

    @property
    def family(self) -> str:
        """The device's."""
        return CHIPS[self.device].family

    @property
    def resources(self) -> dict[str, int]:
        """What is in the device."""
        return CHIPS[self.device].resources

    @property
    def geometry(self) -> Geometry:
        """Default dimensions of the accelerator."""
        return self.own_geometry or CHIPS[self.device].geometry

    @property
    def preloads(self) -> bool:
        """Whether the bitstream carries the network image: block RAM begins with it, SPRAM not."""
        return self.family != "ice40"

    @property
    def crystal_hz(self) -> float:
        """Clock on the board.

        Raises
        ------
        ValueError
            When it has none.
        """
        if isinstance(self.clock, Crystal):
            return self.clock.hz
        error = CHIPS[self.device].oscillator_error
        raise ValueError(
            f"The oscillator inside the {self.device} of {self.name} is up to {100 * error:g} % "
            f"off, and the serial line bears 1 %: the board needs a crystal, and its description "
            f"a clock=Crystal(...)"
        )
