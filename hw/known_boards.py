"""The boards that ship, by name, and those that a user describes."""

from pathlib import Path

from .board import Board
from .board_file import read_boards
from .boards import (
    colorlight_i5,
    icebreaker,
    icepi_zero,
    icesugar,
    orangecrab,
    tang_nano_20k,
    ulx3s,
    upduino,
)

FILES = (
    icebreaker, ulx3s, upduino, icesugar, orangecrab, colorlight_i5, icepi_zero, tang_nano_20k,
)  # fmt: skip

BOARDS: dict[str, Board] = {board.name: board for file in FILES for board in file.BOARDS}
"""In the order in which people are offered them."""


def find_board(name: str, file: Path | None = None) -> Board:
    """The board of this name, of those that ship or of those in ``file``.

    Raises
    ------
    ValueError
        With the known names, or in one sentence what is wrong with the file.
    """
    known = BOARDS if file is None else read_boards(file)
    if taken := known.keys() & BOARDS.keys() if file else set():
        raise ValueError(f"{min(taken)} is a board that ships: give yours in {file} another name")
    if name not in known:
        where = "" if file is None else f" in {file}"
        raise ValueError(f"The board{where} must be one of {', '.join(known)}, not {name!r}")
    return known[name]


def board_of(value: str | Board) -> Board:
    """A board, or the one of a name.

    Raises
    ------
    ValueError
        When there is none of that name.
    """
    if isinstance(value, Board):
        return value
    if not isinstance(value, str):
        raise ValueError(f"A board is given by its name, not {value!r}")
    return find_board(value)
