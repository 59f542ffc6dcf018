"""The device families: how each is synthesised, routed and packed."""

from dataclasses import dataclass

from thresh.gateware.columns.multiplier import LogicMultiplier
from thresh.gateware.primitives import Primitives

from . import ecp5, gowin, ice40
from .board import MARGIN, Board
from .chips import CHIPS


@dataclass(frozen=True, kw_only=True)
class Family:
    """How one device family is synthesised, routed and packed.

    Parameters
    ----------
    primitives : Primitives
        Memory and multipliers of the devices.
    lean_primitives : Primitives
        The same, with fewer cells for fewer steps a second.
    synth_options : str
        Of ``synth_ice40``, ``synth_ecp5`` or ``synth_gowin``.
    router, packer : str
        Tools.
    router_options : tuple of str
    asks_clock : bool
        The router is given the clock as an option, because the constraints hold only pins.
    constraints, constraints_option : str
        Suffix of the pin constraints, and what the router is told before their path.
    routed, routed_option : str
        Suffix of the routed design, and the router's option that writes it.
    pack : tuple of str
        Arguments of the packer, with ``{routed}`` and ``{bitstream}`` in the places of the files
        and ``{size}`` in that of the chip's.
    bitstream : str
        Suffix of the bitstream.
    """

    primitives: Primitives
    lean_primitives: Primitives
    synth_options: str
    router: str
    router_options: tuple[str, ...]
    asks_clock: bool = False
    constraints: str
    constraints_option: str
    routed: str
    routed_option: str
    packer: str
    pack: tuple[str, ...]
    bitstream: str


_ECP5 = Primitives(
    column_memory=ecp5.BlockRamColumnMemory,
    mac_lane=ecp5.DspMacLane,
    multiplier=ecp5.DspMultiplier,
    read_latency=3,
    captures=5,
    infers_multipliers=True,
)

_GOWIN = Primitives(
    column_memory=gowin.BsramColumnMemory,
    mac_lane=gowin.DspMacLane,
    multiplier=gowin.DspMultiplier,
    read_latency=2,
    captures=3,
)

FAMILIES = {
    "ice40": Family(
        primitives=Primitives(
            column_memory=ice40.SpramColumnMemory,
            mac_lane=ice40.DspMacLane,
            mac_pair=ice40.DspMacPair,
            multiplier=LogicMultiplier,
        ),
        lean_primitives=Primitives(
            column_memory=ice40.SpramColumnMemory,
            mac_lane=ice40.DspChainLane,
            multiplier=LogicMultiplier,
            captures=0,
            compact=True,
        ),
        synth_options="-device u",
        router="nextpnr-ice40",
        # Longest paths count more: routed clocks of five seeds differ by 7 % instead of 25 %.
        router_options=("--placer-heap-critexp", "4"),
        constraints="pcf",
        constraints_option="--pcf",
        routed="asc",
        routed_option="--asc",
        packer="icepack",
        pack=("{routed}", "{bitstream}"),
        bitstream="bin",
    ),
    "ecp5": Family(
        primitives=_ECP5,
        lean_primitives=_ECP5,
        synth_options="",
        router="nextpnr-ecp5",
        # Its wires are shorter than the default placer's, above all with many lanes.
        router_options=("--placer", "static"),
        constraints="lpf",
        constraints_option="--lpf",
        routed="config",
        routed_option="--textcfg",
        packer="ecppack",
        pack=("--compress", "{routed}", "{bitstream}"),
        bitstream="bit",
    ),
    "gowin": Family(
        primitives=_GOWIN,
        lean_primitives=_GOWIN,
        # A product that Yosys finds would be in a multiplier without registers, through which
        # nextpnr knows no delay.
        synth_options="-family gw2a -nodsp",
        router="nextpnr-himbaechel-gowin",
        router_options=(),
        asks_clock=True,
        constraints="cst",
        constraints_option="--vopt cst=",
        routed="pnr",
        routed_option="--write",
        packer="gowin_pack",
        pack=("-d", "{size}", "-o", "{bitstream}", "{routed}"),
        bitstream="fs",
    ),
}
"""By the name that a board gives."""


def device_options(board: Board) -> list[str]:
    """What the router is told of the device of ``board``."""
    chip = CHIPS[board.device]
    if chip.family == "gowin":
        part = f"{chip.name}{chip.packages[board.package]}{board.speed}"
        return ["--device", part, "--vopt", f"family={chip.size}"]
    speed = ["--speed", board.speed] if board.speed else []
    return [chip.size, "--package", chip.packages[board.package], *speed]


def router_options(board: Board) -> list[str]:
    """The same, and the family's own options."""
    family = FAMILIES[board.family]
    clock = ["--freq", f"{board.clock_hz * MARGIN / 1e6:g}"] if family.asks_clock else []
    return [*device_options(board), *clock, *family.router_options]


def constraint_options(board: Board, path: str) -> list[str]:
    """How the router is told of the pin constraints in ``path``."""
    *option, last = FAMILIES[board.family].constraints_option.split(" ")
    return [*option, f"{last}{path}"] if last.endswith("=") else [*option, last, path]


def pack_arguments(board: Board, routed: str, bitstream: str) -> list[str]:
    """What the packer is told, to make the file ``bitstream`` of the file ``routed``."""
    size = CHIPS[board.device].size
    return [
        word.format(size=size, routed=routed, bitstream=bitstream)
        for word in FAMILIES[board.family].pack
    ]
