"""Boards that a user describes, in a Python file of their own."""

import runpy
import traceback
from pathlib import Path

from .board import Board, Crystal
from .pll import ecp5_pll, gowin_pll, ice40_pll
from .serial_line import check_baud

PLLS = {"ice40": ice40_pll, "ecp5": ecp5_pll, "gowin": gowin_pll}


def read_boards(path: Path) -> dict[str, Board]:
    """The boards that the file ``path`` describes as ``BOARDS``, by name.

    The file is a program and is run.

    Raises
    ------
    ValueError
        In one sentence: it does not run, describes no board, or one that cannot be.
    OSError
        When it cannot be read.
    """
    with path.open("rb"):
        pass
    try:
        found = runpy.run_path(str(path), run_name="board_file").get("BOARDS")
    except (Exception, SystemExit) as error:
        raise ValueError(f"The board file {path}{_line(error, path)} {_said(error)}") from error
    boards = list(found) if isinstance(found, (list, tuple)) else []
    if not boards or not all(isinstance(board, Board) for board in boards):
        came = "nothing" if found is None else repr(found)
        raise ValueError(
            f"The board file {path} must set BOARDS to a list of thresh.hw.board.Board, not to "
            f"{came[:80]}"
        )
    for board in boards:
        try:
            check_clock(board)
        except ValueError as error:
            raise ValueError(f"The board file {path} describes {board.name}: {error}") from error
    by_name = {board.name: board for board in boards}
    if len(by_name) < len(boards):
        raise ValueError(f"The board file {path} describes two boards of one name")
    return by_name


def check_clock(board: Board) -> None:
    """Refuse a clock that the PLL cannot make of the crystal, or that times no serial line.

    Raises
    ------
    ValueError
        In one sentence.
    """
    if isinstance(board.clock, Crystal):
        PLLS[board.family](board.clock.hz, board.clock_hz)
    check_baud(board.clock_hz, board.baud)


def _line(error: BaseException, path: Path) -> str:
    if isinstance(error, SyntaxError):
        return f", line {error.lineno}:"
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(path)
    ]  # fmt: skip
    return f", line {lines[-1]}:" if lines else ":"


def _said(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.msg} is no Python"
    text = " ".join(str(error).split())
    return text if isinstance(error, ValueError) and text else f"{type(error).__name__}: {text}"
