"""Where builds lie, and which board a name means by what was built."""

from pathlib import Path

from thresh.hw.board import Board
from thresh.hw.families import FAMILIES
from thresh.hw.known_boards import BOARDS, find_board
from thresh.model.files import BUILDS

ANY_SIZE = "ulx3s"
"""Stands for whichever size of that board was built last: one loader writes them all."""


def built(board: Board) -> Path:
    """Where `thresh build` leaves the bitstream of ``board``."""
    return BUILDS / board.name / f"thresh.{FAMILIES[board.family].bitstream}"


def newest() -> Board:
    """The ULX3S whose bitstream was built last, or the largest where none was."""
    sizes = [board for name, board in BOARDS.items() if name.startswith(ANY_SIZE)]
    ready = [board for board in sizes if built(board).exists()]
    return max(ready, key=lambda board: built(board).stat().st_mtime) if ready else sizes[-1]


def board_to_flash(name: str) -> Board:
    """The board of this name, or with `ANY_SIZE` the `newest`.

    Raises
    ------
    ValueError
        With the known names.
    """
    return newest() if name == ANY_SIZE else find_board(name)
