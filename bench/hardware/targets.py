"""What is built and measured: boards, lanes, formats, and the clock that is asked for."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.results import RESULTS
from thresh.hw.board import Board
from thresh.hw.estimates.board_geometry import board_geometry
from thresh.hw.known_boards import find_board
from thresh.layout.geometry import Geometry

DESIGNS = ("accelerator", "dense")
"""What is built of every target."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One accelerator on one board.

    Parameters
    ----------
    board_name : str
    lanes : int
    clock_mhz : float
        Asked of the router, with the flow's margin.
    formats : dict
        Fields of the geometry where they are not the board's own.
    """

    board_name: str
    lanes: int
    clock_mhz: float
    formats: tuple[tuple[str, int], ...] = ()

    @property
    def name(self) -> str:
        """Board, lanes, and formats where they are not the board's own."""
        extra = "".join(f"-{value}{field[0]}" for field, value in self.formats if "bits" in field)
        return f"{self.board_name}-{self.lanes}{extra}"

    @property
    def board(self) -> Board:
        """The board with the clock asked for."""
        return replace(find_board(self.board_name), clock_hz=self.clock_mhz * 1e6)

    @property
    def geometry(self) -> Geometry:
        """Of the accelerator."""
        return replace(board_geometry(self.board_name, lanes=self.lanes), **dict(self.formats))


SPARSE = (
    ("weight_bits", 4), ("value_bits", 8), ("weight_depth", 16384), ("pointwise_lanes", 1),
    ("accumulator_depth", 1024), ("state_depth", 256),
)  # fmt: skip
"""4-bit weights and 8-bit values: two products per multiplier of the UP5K."""

TARGETS = (
    Target(board_name="icebreaker", lanes=8, clock_mhz=48),
    Target(board_name="icebreaker", lanes=16, clock_mhz=48, formats=SPARSE),
    Target(board_name="ulx3s-12f", lanes=8, clock_mhz=150),
    Target(board_name="ulx3s-12f", lanes=32, clock_mhz=140),
    Target(board_name="ulx3s-25f", lanes=32, clock_mhz=140),
    Target(board_name="ulx3s-45f", lanes=16, clock_mhz=150),
    Target(board_name="ulx3s-45f", lanes=32, clock_mhz=140),
    Target(board_name="ulx3s-85f", lanes=16, clock_mhz=150),
    Target(board_name="ulx3s-85f", lanes=32, clock_mhz=140),
    Target(board_name="ulx3s-85f", lanes=64, clock_mhz=140),
    Target(board_name="ulx3s-85f", lanes=128, clock_mhz=110),
)
"""Smallest builds first on each board."""


SHAPE = ("family", "lanes", "pointwise_lanes", "weight_bits", "value_bits")
"""What the cycles of a network depend on."""


def formats_text(weight_bits: int, value_bits: int) -> str:
    """What a table says of formats that are not a board's own."""
    own = (weight_bits, value_bits) == (8, 16)
    return "" if own else f", int{weight_bits} x {value_bits} bit"


def simulated_shapes() -> list[tuple[str, int, int, int, int]]:
    """The `SHAPE` of every target."""
    shapes = {
        (target.board.family, *(getattr(target.geometry, name) for name in SHAPE[1:]))
        for target in TARGETS
    }
    return sorted(shapes, key=lambda shape: (shape[1], shape[0]))


def build_path(target: Target, design: str) -> Path:
    """Where a build's row is kept."""
    suffix = "" if design == "accelerator" else f"-{design}"
    return RESULTS / f"build-{target.name}{suffix}.json"


def load_builds() -> list[dict[str, Any]]:
    """Rows of all targets built so far, in their order."""
    paths = [build_path(target, design) for target in TARGETS for design in DESIGNS]
    return [json.loads(path.read_text()) for path in paths if path.exists()]
