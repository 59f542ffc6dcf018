"""The cores of published designs, as a board's top takes them."""

from typing import Any

from thresh.gateware.accelerator import Accelerator
from thresh.hw.estimates.board_geometry import board_geometry
from thresh.hw.families import FAMILIES
from thresh.hw.flow.board_accelerator import accelerator_of
from thresh.hw.known_boards import find_board
from thresh.layout.image import build_image
from thresh.model.network import Network

from .dense_matvec import DenseLine, DenseMatvec
from .targets import Target

COLUMNS = 64
"""Of the dense design's matrix: what a block needs at least so that its sums leave in time."""

SUMS = 2048
"""Most words of sums that the dense design keeps: of 32 bits, half of an iCE40UP5K's block RAM."""


def make_core(target: Target, design: str) -> Any:
    """The design for a board top."""
    board, geometry = target.board, target.geometry
    line = {"clock_hz": board.clock_hz, "baud": board.baud}
    primitives = FAMILIES[board.family].primitives
    if design == "accelerator":
        return Accelerator(geometry=geometry, primitives=primitives, **line)
    blocks = min(geometry.weight_depth // COLUMNS, SUMS // geometry.beats)
    columns = geometry.weight_depth // blocks
    matvec = DenseMatvec(
        geometry=geometry, primitives=primitives, blocks=blocks, columns=columns
    )  # fmt: skip
    return DenseLine(matvec=matvec, **line)


def image_core(board: str, network: Network, *, sparse: bool = False) -> Accelerator:
    """What ``thresh build`` makes of a network."""
    geometry = board_geometry(board, network=network, sparse=sparse)
    return accelerator_of(find_board(board), build_image(network, geometry))
