"""``thresh flash``: a bitstream onto a board."""

from pathlib import Path

import click

from thresh.hw.boards import BOARDS, Board, find_board
from thresh.hw.flow.flash import Cable, flash

from .output import facts, json_option, messages, show

SUFFIXES = {"ice40": "bin", "ecp5": "bit"}
"""How a bitstream's file ends, by family."""

BUILDS = Path("build")
"""Where `thresh build` leaves a folder per board."""

ANY_SIZE = "ulx3s"
"""Stands for whichever size of that board was built last: one loader writes them all."""


@click.command("flash")
@click.argument("board")
@click.option(
    "-b", "--bitstream", type=click.Path(path_type=Path),
    help="File to write; by default what `thresh build` made for the board.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Print the command, run nothing.")
@click.option("--sram", is_flag=True, help="Until power-off only, where the board can.")
@click.option("--cable", help="Cable that reaches the board, by openFPGALoader's name.")
@click.option("--frequency-hz", type=int, help="Of the programming clock.")
@click.option("--bus", help="USB bus and device, as 1:4, where several boards are connected.")
@json_option
def command(
    board: str, bitstream: Path | None, dry_run: bool, sram: bool, cable: str | None,
    frequency_hz: int | None, bus: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Write a bitstream to BOARD through openFPGALoader; ulx3s is the size last built."""
    target = newest() if board == ANY_SIZE else find_board(board)
    path = bitstream or built(target)
    words = flash(
        target, path, dry_run=dry_run, permanent=not sram,
        cable=Cable(name=cable, frequency_hz=frequency_hz, bus=bus),
        progress=lambda line: messages().print(line, markup=False),
    )  # fmt: skip
    data = {
        "board": target.name,
        "bitstream": str(path),
        "command": words,
        "written": not dry_run,
    }
    rows = data | {"command": " ".join(words)}
    show(data, facts(f"Flash {target.title}", rows.items()), as_json=as_json)


def built(board: Board) -> Path:
    """Where `thresh build` leaves the bitstream of ``board``."""
    return BUILDS / board.name / f"thresh.{SUFFIXES[board.family]}"


def newest() -> Board:
    """The ULX3S whose bitstream was built last, or the largest where none was."""
    sizes = [board for name, board in BOARDS.items() if name.startswith(ANY_SIZE)]
    ready = [board for board in sizes if built(board).exists()]
    return max(ready, key=lambda board: built(board).stat().st_mtime) if ready else sizes[-1]
