"""``thresh flash``: a bitstream onto a board."""

from pathlib import Path

import click

import thresh
from thresh.cli.output import board_file_option, json_option, note, show_report
from thresh.device_bitstream import flash
from thresh.hw.flow.built import board_to_flash, built
from thresh.hw.flow.flash import Cable
from thresh.hw.known_boards import find_board


@click.command("flash")
@click.argument("board")
@click.option(
    "-b", "--bitstream", type=click.Path(path_type=Path),
    help="File to write; by default what `thresh build` made for the board.",
)  # fmt: skip
@click.option(
    "--network", type=click.Path(path_type=Path),
    help="Replace the network of a device by this model file; its bitstream stays.",
)  # fmt: skip
@board_file_option
@click.option("--dry-run", is_flag=True, help="Print the commands, run nothing.")
@click.option("--sram", is_flag=True, help="Until power-off only, where the board can.")
@click.option("--cable", help="Cable that reaches the board, by openFPGALoader's name.")
@click.option("--frequency-hz", type=int, help="Of the programming clock.")
@click.option("--bus", help="USB bus and device, as 1:4, where several boards are connected.")
@json_option
def command(
    board: str, bitstream: Path | None, network: Path | None, dry_run: bool, sram: bool,
    cable: str | None, frequency_hz: int | None, bus: str | None, board_file: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Write a bitstream to BOARD through its loader; ulx3s is the size last built.

    A device is written with its network. With --network only that is replaced, in seconds, and the
    one of before stays until the new one is whole.
    """
    if network is not None and (bitstream or sram):
        raise click.UsageError("--network leaves the bitstream alone: no --bitstream, no --sram.")
    target = find_board(board, board_file) if board_file else board_to_flash(board)
    model = thresh.load(network).integers if network else None
    way = Cable(name=cable, frequency_hz=frequency_hz, bus=bus)
    show_report(
        flash(
            target, bitstream or built(target), network=model,
            permanent=not sram, dry_run=dry_run, cable=way, progress=note,
        ),
        as_json=as_json,
    )  # fmt: skip
