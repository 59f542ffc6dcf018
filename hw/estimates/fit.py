"""Whether a network fits a board, told before anything is built."""

from collections import Counter
from dataclasses import asdict, dataclass, replace

from thresh.gateware.accelerator import Accelerator
from thresh.hw.board import Board
from thresh.hw.families import FAMILIES
from thresh.hw.known_boards import BOARDS
from thresh.layout.geometry import Geometry
from thresh.layout.memory_map import NetworkMap
from thresh.layout.placement import measure, memory_needs
from thresh.model.network import Network

from .block_rams import block_count


@dataclass(frozen=True, kw_only=True)
class Need:
    """One limit: what is needed and what is available, in ``unit``."""

    needed: int
    available: int
    unit: str

    @property
    def met(self) -> bool:
        """It fits."""
        return self.needed <= self.available


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A network against a board.

    Parameters
    ----------
    board : str
    lanes : int
    needs : dict
        `Need` by name: memories of the accelerator, then block RAM, SPRAM and multipliers.
    advice : str or None
        One sentence that says what does not fit and what to change; None when all fits.
    """

    board: str
    lanes: int
    needs: dict[str, Need]
    advice: str | None

    @property
    def fits(self) -> bool:
        """Everything fits."""
        return self.advice is None

    def to_dict(self) -> dict:
        """Fields as JSON."""
        return asdict(self) | {"fits": self.fits}


def estimate_fit(
    network: Network,
    board: Board,
    geometry: Geometry | None = None,
    placement: NetworkMap | None = None,
) -> Fit:
    """What ``network`` needs of the accelerator ``geometry`` on ``board``, and what there is.

    Parameters
    ----------
    network : Network
    board : Board
    geometry : Geometry, optional
        The board's own when not given, with the network's formats.
    placement : NetworkMap, optional
        The network's there, if it is at hand.
    """
    geometry = geometry or board_geometry_for(network, board)
    placement = placement or measure(network, geometry)
    needs = _memory_needs(placement) | device_needs(board, geometry)
    missing = [name for name, need in needs.items() if not need.met]
    advice = _advice(network, board, geometry, needs, missing) if missing else None
    return Fit(board=board.name, lanes=geometry.lanes, needs=needs, advice=advice)


def board_geometry_for(network: Network, board: Board) -> Geometry:
    """The board's own geometry with the network's formats.

    Narrower weights make more lanes from the same memory word, where there are multipliers.
    """
    own = board.geometry
    formats = {"weight_bits": network.weight_bits, "value_bits": network.value_bits}
    lanes = own.lanes * own.weight_bits // network.weight_bits
    more = replace(own, lanes=lanes, **formats)
    return more if fits_device(board, more) else replace(own, **formats)


def fits_device(board: Board, geometry: Geometry) -> bool:
    """Whether ``board`` has the memories and multipliers of ``geometry``."""
    return all(need.met for need in device_needs(board, geometry).values())


def _memory_needs(placement: NetworkMap) -> dict[str, Need]:
    found = memory_needs(placement, placement.geometry)
    return {
        name: Need(needed=needed, available=available, unit=unit)
        for name, (needed, available, unit) in found.items()
    }


def device_needs(board: Board, geometry: Geometry) -> dict[str, Need]:
    """Block RAM, SPRAM and multipliers of the accelerator, whatever the network."""
    primitives = FAMILIES[board.family].primitives
    shapes = Accelerator.memories(geometry, primitives)
    used = {
        "block RAM": sum(block_count(board.family, shape) for shape in shapes),
        "multiplier": Accelerator.multipliers(geometry, primitives),
    } | Counter(shape.place for shape in shapes if shape.place != "block RAM")
    return {
        name: Need(needed=count, available=board.resources[name], unit="blocks")
        for name, count in used.items()
    }


def _advice(
    network: Network, board: Board, geometry: Geometry, needs: dict[str, Need], missing: list[str]
) -> str:
    name = missing[0]
    need = needs[name]
    changes = ["fewer lanes" if name in board.resources else "fewer units or layers"]
    if name == "weight memory" and network.weight_bits == 8 and need.needed <= 2 * need.available:
        changes.append("4-bit weights")
    if name == "weight memory" and board.sdram and geometry.columns == "chip":
        changes.append("columns in its SDRAM")
    larger = next((other.name for other in BOARDS.values() if _holds(network, other)), None)
    if geometry.sparse_memory:
        changes.append("columns that are not sparse")
    elif larger and larger != board.name:
        changes.append(f"the board {larger}")
    choice = " or ".join(filter(None, (", ".join(changes[:-1]), changes[-1])))
    return (
        f"The network does not fit the {name} of {board.name} with {geometry.lanes} lanes: it "
        f"needs {need.needed:,} {need.unit} of {need.available:,}; use {choice}"
    )


def _holds(network: Network, board: Board) -> bool:
    geometry = board_geometry_for(network, board)
    needs = _memory_needs(measure(network, geometry)) | device_needs(board, geometry)
    return all(need.met for need in needs.values())
