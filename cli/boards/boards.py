"""``thresh boards``: the boards that there are, and what one of them needs."""

from pathlib import Path

import click

from thresh.cli.output import board_file_option, json_option, show_report
from thresh.hw.board_file import read_boards
from thresh.hw.known_boards import BOARDS, find_board
from thresh.reports.hardware.boards import BoardList, BoardSheet
from thresh.reports.shown import Shown


@click.command("boards")
@click.argument("board", required=False)
@board_file_option
@json_option
def command(board: str | None, board_file: Path | None, as_json: bool) -> None:
    """List the boards, or say of BOARD what it has, where its pins are and what it asks of you."""
    found: Shown
    if board is not None:
        found = BoardSheet(board=find_board(board, board_file))
    else:
        own = read_boards(board_file) if board_file else {}
        found = BoardList(boards=(*BOARDS.values(), *own.values()))
    show_report(found, as_json=as_json)
