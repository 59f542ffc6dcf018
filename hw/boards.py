"""The boards: what is on them and the accelerator each is given."""

from dataclasses import dataclass, field

from thresh.layout.configurations import CONFIGURATIONS
from thresh.layout.geometry import Geometry
from thresh.layout.sdram_chip import ULX3S_SDRAM, SdramChip

MARGIN = 1.08
"""Least routed fmax over clock: nextpnr is a few per cent more hopeful than the device."""

BAUD = 1_000_000
"""Default speed of the serial link, bit/s."""

BAUD_ERROR = 0.01
"""Largest relative error of the serial link's speed."""

BIT_CYCLES = 4
"""Least clock cycles of a bit on the serial link."""


@dataclass(frozen=True, kw_only=True)
class Board:
    """One board.

    Parameters
    ----------
    name, title : str
        As typed, and as written for people.
    family : str
        ``"ice40"`` or ``"ecp5"``.
    device : str
        As the vendor writes it.
    platform : str
        Class in ``amaranth_boards``, as ``module:class``.
    crystal_hz, clock_hz : float
        Clock on the board, and of the accelerator.
    geometry : Geometry
        Default dimensions of the accelerator.
    resources : dict
        What the device has: ``"block RAM"``, ``"SPRAM"``, ``"multiplier"``, ``"logic"`` (4-input
        cells).
    preloads : bool
        The bitstream carries the network image.
    loader : str
        openFPGALoader's name of the board.
    loads_sram : bool
        openFPGALoader can configure the device without writing flash.
    usb_ids : tuple of str
        ``vendor:product`` of the board's USB bridge.
    idcode : int
        JTAG identification, 0 where there is no JTAG.
    sdram : SdramChip or None
        Beside the device.
    """

    name: str
    title: str
    family: str
    device: str
    platform: str
    crystal_hz: float
    clock_hz: float
    geometry: Geometry
    resources: dict[str, int] = field(hash=False)
    preloads: bool
    loader: str
    loads_sram: bool
    usb_ids: tuple[str, ...]
    idcode: int = 0
    baud: int = BAUD
    sdram: SdramChip | None = None


def _ulx3s(size: str, *, idcode: int, blocks: int, multipliers: int, logic: int) -> Board:
    name = f"ulx3s-{size.lower()}"
    return Board(
        name=name,
        title=f"ULX3S {size}",
        family="ecp5",
        device=f"LFE5U-{size}",
        platform=f"ulx3s:ULX3S_{size}_Platform",
        crystal_hz=25e6,
        clock_hz=120e6,
        geometry=CONFIGURATIONS[name],
        resources={"block RAM": blocks, "multiplier": multipliers, "logic": logic},
        preloads=True,
        loader="ulx3s",
        loads_sram=True,
        usb_ids=("0403:6015",),
        idcode=idcode,
        sdram=ULX3S_SDRAM,
    )


BOARDS: dict[str, Board] = {
    board.name: board
    for board in (
        Board(
            name="icebreaker",
            title="iCEBreaker",
            family="ice40",
            device="iCE40UP5K",
            platform="icebreaker:ICEBreakerPlatform",
            crystal_hz=12e6,
            clock_hz=42e6,
            geometry=CONFIGURATIONS["icebreaker"],
            resources={"SPRAM": 4, "block RAM": 30, "multiplier": 8, "logic": 5280},
            preloads=False,
            loader="ice40_generic",
            loads_sram=False,
            usb_ids=("0403:6010",),
        ),
        _ulx3s("12F", idcode=0x21111043, blocks=56, multipliers=28, logic=24288),
        _ulx3s("25F", idcode=0x41111043, blocks=56, multipliers=28, logic=24288),
        _ulx3s("45F", idcode=0x41112043, blocks=108, multipliers=72, logic=43848),
        _ulx3s("85F", idcode=0x41113043, blocks=208, multipliers=156, logic=83640),
    )
}
"""Boards by name. The ULX3S-12F carries the 25F's die, and the open tools use all of it."""


def find_board(name: str) -> Board:
    """The board of this name.

    Raises
    ------
    ValueError
        With the known names.
    """
    if name not in BOARDS:
        raise ValueError(f"The board must be one of {', '.join(BOARDS)}, not {name!r}")
    return BOARDS[name]


def baud_error(clock_hz: float, baud: int) -> float:
    """Relative error of the serial link's speed with a whole divider of the clock."""
    return abs(clock_hz / max(1, round(clock_hz / baud)) / baud - 1)


def check_baud(clock_hz: float, baud: int) -> None:
    """Refuse a serial link that a clock cannot time.

    Raises
    ------
    ValueError
        When the clock or the speed is not above 0, or a whole divider does not come near enough.
    """
    if not (0 < clock_hz < float("inf") and baud > 0):
        raise ValueError(f"Clock and baud must be above 0, not {clock_hz / 1e6:g} MHz and {baud}")
    at = f"{baud} baud is {{}} at {clock_hz / 1e6:g} MHz"
    if round(clock_hz / baud) < BIT_CYCLES:
        most = int(clock_hz // BIT_CYCLES)
        raise ValueError(f"{at.format('too fast')}, which serves at most {most} baud")
    if (error := baud_error(clock_hz, baud)) > BAUD_ERROR:
        off = at.format(f"{100 * error:.1f} % off")
        raise ValueError(f"{off}; at most {100 * BAUD_ERROR:g} % works")
