"""Whether a network fits a board, told before anything is built."""

from dataclasses import asdict, dataclass, replace
from math import prod

from thresh.gateware.encode.nonzero_queue import SEGMENTS
from thresh.gateware.pointwise.program import INSTRUCTION, PROGRAM_LENGTH
from thresh.hw.boards import BOARDS, Board
from thresh.hw.ecp5 import bank_shape
from thresh.hw.families import FAMILIES
from thresh.layout.geometry import Geometry
from thresh.layout.layer_table import TABLE_WORDS
from thresh.layout.link import COUNTER_WORDS
from thresh.layout.memory_map import NetworkMap
from thresh.layout.placement import measure, memory_needs
from thresh.model.arithmetic import ACCUMULATOR_BITS, STATE_INTEGER_BITS, TABLE_RANGE, table_frac
from thresh.model.network import MAX_LAYERS, Network

BLOCK_MODES = {
    "ice40": ((16, 256), (8, 512), (4, 1024), (2, 2048)),
    "ecp5": ((36, 512), (18, 1024), (9, 2048), (4, 4096), (2, 8192), (1, 16384)),
}
"""Shapes of one block RAM, bits by words."""

LUT_RAM = {"ecp5": 32}
"""Pieces of `LUT_RAM_SHAPE` that cost as much as a block RAM, to Yosys."""

LUT_RAM_SHAPE = (4, 16)
"""Bits by words that logic cells hold."""

LOGIC_ROM_BITS = {"ice40": 0, "ecp5": 4095}
"""What is only read is made of logic cells up to so many bits."""

PROGRAM = (INSTRUCTION.size, 16 * PROGRAM_LENGTH)
"""Of the program, which is only read."""

CONTROL_MEMORIES = (
    (ACCUMULATOR_BITS, COUNTER_WORDS),
    *[(16, MAX_LAYERS * TABLE_WORDS)] * 2,
    (16, 2 * SEGMENTS),
)
"""Memories that do not depend on the geometry, bits by words: counters, two copies of the layer
table, event counts."""


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


def block_count(family: str, width: int, depth: int) -> int:
    """Block RAMs that hold ``depth`` words of ``width`` bits; 0 where logic cells do."""
    blocks = min(-(-width // bits) * -(-depth // words) for bits, words in BLOCK_MODES[family])
    bits, words = LUT_RAM_SHAPE
    pieces = -(-width // bits) * -(-depth // words)
    return 0 if pieces < LUT_RAM.get(family, 0) * blocks else blocks


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
    lane = FAMILIES[board.family].primitives.lane_of(geometry)
    used = {"block RAM": 0, "multiplier": geometry.lanes // lane.products}
    memories = _memories(geometry)
    if prod(PROGRAM) > LOGIC_ROM_BITS[board.family]:
        memories.append(PROGRAM)
    used["block RAM"] += sum(block_count(board.family, *shape) for shape in memories)
    copies = 1 + geometry.sparse_memory
    width, depth = geometry.weight_word_bits, geometry.weight_depth // copies
    if board.memory == "SPRAM":
        used["SPRAM"] = (
            copies
            * -(-width // board.memory_width)
            * -(-depth * board.memory_width // board.memory_bits)
        )
    else:
        used["multiplier"] += geometry.pointwise_lanes + geometry.sparse_memory
        words, bits = bank_shape(depth)
        used["block RAM"] += copies * -(-depth // words) * -(-width // bits)
    return {
        name: Need(needed=count, available=board.resources[name], unit="blocks")
        for name, count in used.items()
    }


def _memories(geometry: Geometry) -> list[tuple[int, int]]:
    """All memories but the weights' and the program's, bits by words."""
    bits, pointwise_lanes = geometry.value_bits, geometry.pointwise_lanes
    index = (geometry.value_depth - 1).bit_length()
    table = (bits - STATE_INTEGER_BITS, TABLE_RANGE << table_frac(bits))
    return [
        (pointwise_lanes * ACCUMULATOR_BITS, geometry.accumulator_depth),
        *[(pointwise_lanes * bits, geometry.state_depth)] * 3,
        *[(bits, geometry.value_depth // pointwise_lanes)] * pointwise_lanes,
        (bits + index, 2 * geometry.value_depth),
        *[(8, geometry.packet_bytes)] * 2,
        *[table] * pointwise_lanes,
        *_sums(geometry),
        *CONTROL_MEMORIES,
    ]


def _sums(geometry: Geometry) -> list[tuple[int, int]]:
    """Of the lanes' sums: the last captures, or two sides for every lane."""
    if geometry.sparse_memory:
        rows = geometry.accumulator_depth // geometry.beats
        return [(ACCUMULATOR_BITS, rows)] * 2 * geometry.lanes
    return [(geometry.pointwise_lanes * ACCUMULATOR_BITS, geometry.beats)]


def _advice(
    network: Network, board: Board, geometry: Geometry, needs: dict[str, Need], missing: list[str]
) -> str:
    name = missing[0]
    need = needs[name]
    changes = ["fewer lanes" if name in board.resources else "fewer units or layers"]
    if name == "weight memory" and network.weight_bits == 8 and need.needed <= 2 * need.available:
        changes.append("4-bit weights")
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
