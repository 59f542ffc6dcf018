"""The boards that ship, by name."""

from .board import Board
from .boards import colorlight_i5, icebreaker, icepi_zero, icesugar, orangecrab, ulx3s, upduino

FILES = (icebreaker, ulx3s, upduino, icesugar, orangecrab, colorlight_i5, icepi_zero)

BOARDS: dict[str, Board] = {board.name: board for file in FILES for board in file.BOARDS}
"""In the order in which people are offered them."""


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
