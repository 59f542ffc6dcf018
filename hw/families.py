"""The device families: how each is synthesised, routed and packed."""

from dataclasses import dataclass

from thresh.gateware.columns.multiplier import LogicMultiplier
from thresh.gateware.primitives import Primitives

from . import ecp5, ice40
from .board import Board
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
        Of ``synth_ice40`` or ``synth_ecp5``.
    router, packer : str
        Tools.
    router_options, pack_options : tuple of str
    constraints, constraints_option : str
        Suffix of the pin constraints, and the router's option that reads them.
    routed, routed_option : str
        Suffix of the routed design, and the router's option that writes it.
    bitstream : str
        Suffix of the bitstream.
    """

    primitives: Primitives
    lean_primitives: Primitives
    synth_options: str
    router: str
    router_options: tuple[str, ...]
    constraints: str
    constraints_option: str
    routed: str
    routed_option: str
    packer: str
    pack_options: tuple[str, ...]
    bitstream: str


_ECP5 = Primitives(
    column_memory=ecp5.BlockRamColumnMemory,
    mac_lane=ecp5.DspMacLane,
    multiplier=ecp5.DspMultiplier,
    read_latency=3,
    captures=5,
    infers_multipliers=True,
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
        pack_options=(),
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
        pack_options=("--compress",),
        bitstream="bit",
    ),
}
"""By the name that a board gives."""


def device_options(board: Board) -> list[str]:
    """What the router is told of the device of ``board``."""
    chip = CHIPS[board.device]
    speed = ["--speed", board.speed] if board.speed else []
    return [chip.size, "--package", chip.packages[board.package], *speed]


def router_options(board: Board) -> list[str]:
    """The same, and the family's own options."""
    return [*device_options(board), *FAMILIES[board.family].router_options]
