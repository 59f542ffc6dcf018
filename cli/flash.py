"""``thresh flash``: a bitstream onto a board."""

from pathlib import Path

import click

from thresh.bitstream import write_to_board
from thresh.hw.flow.built import board_to_flash, built
from thresh.hw.flow.flash import Cable

from .output import json_option, note, show_report


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
    target = board_to_flash(board)
    found = write_to_board(
        target, bitstream or built(target), dry_run=dry_run, permanent=not sram,
        cable=Cable(name=cable, frequency_hz=frequency_hz, bus=bus), progress=note,
    )  # fmt: skip
    show_report(found, as_json=as_json)
