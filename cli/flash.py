"""``thresh flash``: a bitstream onto a board."""

from pathlib import Path

import click

from thresh.hw.boards import BOARDS
from thresh.hw.flash import flash

from .output import facts, json_option, show

SUFFIXES = {"ice40": "bin", "ecp5": "bit"}
"""How a bitstream's file ends, by family."""


@click.command("flash")
@click.argument("board")
@click.option(
    "-b", "--bitstream", type=click.Path(path_type=Path),
    help="File to write; by default what `thresh build` made for the board.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Print the command, run nothing.")
@json_option
def command(board: str, bitstream: Path | None, dry_run: bool, as_json: bool) -> None:
    """Write a bitstream to BOARD through openFPGALoader."""
    if board not in BOARDS:
        raise ValueError(f"The board must be one of {', '.join(BOARDS)}, not {board!r}")
    suffix = SUFFIXES[BOARDS[board].family]
    path = bitstream or Path("build") / board / f"thresh.{suffix}"
    words = flash(BOARDS[board], path, dry_run=dry_run)
    data = {"board": board, "bitstream": str(path), "command": words, "dry_run": dry_run}
    show(data, facts(f"Flash {board}", data.items()), as_json=as_json)
