"""Accelerator dimensions from a board's name, or from a network and its lanes."""

from dataclasses import replace

from thresh.hw.board import Board
from thresh.hw.known_boards import board_of
from thresh.layout.geometry import Geometry
from thresh.layout.placement import measure, step_packets
from thresh.layout.sdram_chip import BURST_WORDS, WORD_BITS
from thresh.layout.sizes import power_of_two, round_up
from thresh.model.network import Network

from .fit import board_geometry_for, fits_device

BANK = 1024
"""Words by which a large weight memory grows."""

PACKET_ROOM = 512
"""Least bytes of a packet that an accelerator made for a network takes."""

WINDOW = 512
"""Least bursts of an SDRAM that are loaded before its page is turned: a block RAM's words."""

MOST_POINTWISE_LANES = 8
"""Units that the pointwise stage of a board's accelerator treats in a cycle, at most: with 16, the
wires of 64 lanes are the longest of all, and a step of 10 % activity takes as many cycles."""

PAIRS = 4096
"""Words by which a sparse one does: whole block RAMs for weights, and for rows."""


def weight_depth(needed: int) -> int:
    """The smallest depth of a weight memory: a power of two, or whole banks of `BANK`."""
    return power_of_two(needed) if needed <= BANK else round_up(needed, BANK)


def geometry_for(
    network: Network, *, lanes: int, pointwise_lanes: int | None = None, sparse: bool = False
) -> Geometry:
    """The smallest accelerator with so many lanes that holds ``network``.

    Parameters
    ----------
    network : Network
    lanes : int
        P.
    pointwise_lanes : int, optional
        S; an eighth of the lanes when absent.
    sparse : bool
        Columns without their zeros.

    Raises
    ------
    ValueError
        When lanes or pointwise_lanes are not ones an accelerator can have, or the network is too
        large.
    """
    widths = {
        "lanes": lanes,
        "pointwise_lanes": max(1, lanes // 8) if pointwise_lanes is None else pointwise_lanes,
        "weight_bits": network.weight_bits,
        "value_bits": network.value_bits,
    }
    depths = {"weight_depth", "accumulator_depth", "state_depth", "value_depth"}
    probe = Geometry(**widths, **dict.fromkeys(depths, 2), sparse=sparse)
    needed = measure(network, probe)
    return Geometry(
        **widths,
        weight_depth=weight_depth(needed.weight_words),
        accumulator_depth=power_of_two(needed.accumulator_words),
        state_depth=power_of_two(needed.state_words),
        value_depth=power_of_two(needed.values),
        packet_bytes=max(PACKET_ROOM, step_packets(network, lanes).packet_bytes),
        sparse=sparse,
    )


def sdram_geometry(network: Network, *, sparse: bool = False) -> Geometry:
    """The smallest accelerator with its columns in SDRAM that holds ``network``.

    Parameters
    ----------
    network : Network
    sparse : bool
        Columns of a layer may be without their zeros.

    Raises
    ------
    ValueError
        When the network is too large.
    """
    units = WORD_BITS // network.weight_bits
    widths = {
        "lanes": BURST_WORDS * units,
        "pointwise_lanes": units,
        "weight_bits": network.weight_bits,
        "value_bits": network.value_bits,
    }
    depths = {"weight_depth", "accumulator_depth", "state_depth", "value_depth"}
    kind = {"columns": "sdram", "sparse": sparse}
    needed = measure(network, Geometry(**widths, **dict.fromkeys(depths, 2), **kind))
    return Geometry(
        **widths,
        # One half holds biases, the other is the window on the SDRAM.
        weight_depth=2 * max(WINDOW, power_of_two(needed.bias_words)),
        accumulator_depth=power_of_two(needed.accumulator_words),
        state_depth=power_of_two(needed.state_words),
        value_depth=power_of_two(needed.values),
        packet_bytes=max(PACKET_ROOM, step_packets(network, widths["lanes"]).packet_bytes),
        **kind,
    )


def legal_depth(available: int) -> int:
    """The largest depth of a weight memory that is at most ``available``."""
    return available // BANK * BANK if available >= BANK else 1 << (available.bit_length() - 1)


def board_geometry(
    board: str | Board,
    *,
    network: Network | None = None,
    lanes: int | None = None,
    sparse: bool = False,
) -> Geometry:
    """The geometry of a board's bitstream.

    Parameters
    ----------
    board : str or Board
    network : Network, optional
        Whose formats it has; 8-bit weights and 16-bit values without one.
    lanes : int, optional
        Instead of the board's own number; pointwise lanes and depths follow, so that no memory
        takes more bits than the board's own.
    sparse : bool
        Columns without their zeros; the weight memory makes room for the sums.

    Raises
    ------
    ValueError
        When there is no such board, or it has no room for the sums of sparse columns.
    """
    target = board_of(board)
    own = board_geometry_for(network, target) if network else target.geometry
    geometry = _with_lanes(target, own, lanes)
    return _with_sums(target, geometry) if sparse else geometry


def _with_lanes(board: Board, own: Geometry, lanes: int | None) -> Geometry:
    """``own`` with other lanes, and as much weight memory as then fits, where any does."""
    if lanes is None:
        return own
    if lanes < 1:
        raise ValueError(f"lanes must be positive, not {lanes}")
    pointwise_lanes = min(MOST_POINTWISE_LANES, max(1, own.pointwise_lanes * lanes // own.lanes))
    depth = legal_depth(own.weight_depth * own.lanes // lanes)
    geometry = replace(
        own,
        lanes=lanes,
        pointwise_lanes=pointwise_lanes,
        weight_depth=depth,
        accumulator_depth=own.accumulator_depth * own.pointwise_lanes // pointwise_lanes,
        state_depth=own.state_depth * own.pointwise_lanes // pointwise_lanes,
    )
    smaller = (replace(geometry, weight_depth=words) for words in range(depth, 0, -BANK))
    return next((shape for shape in smaller if fits_device(board, shape)), geometry)


def _with_sums(board: Board, geometry: Geometry) -> Geometry:
    """The largest weight memory that leaves room for the sums of sparse columns.

    Half of the board's own at most: beyond that, block RAMs are so full that routing takes hours.
    """
    for depth in range(geometry.weight_depth // 2 // PAIRS * PAIRS, 0, -PAIRS):
        sparse = replace(geometry, sparse=True, weight_depth=depth)
        if fits_device(board, sparse):
            return sparse
    raise ValueError(
        f"Sparse columns need two block RAMs per lane for their sums, and the board {board.name} "
        f"has none left beside {geometry.lanes} lanes; use fewer lanes or an ULX3S"
    )
