"""``thresh build``: a bitstream for a board."""

from pathlib import Path

import click

import thresh
from thresh.cli.output import (
    board_file_option,
    columns_option,
    fail,
    json_option,
    note,
    show_report,
    sparse_option,
)
from thresh.hw.known_boards import find_board


@click.command("build")
@click.argument("board")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--seeds", type=click.IntRange(1), default=3, show_default=True, help="Placements to try."
)
@click.option(
    "--jobs", type=click.IntRange(1), default=1, show_default=True, help="Placements at a time."
)
@click.option(
    "--minutes", type=click.FloatRange(min=0, min_open=True), help="Most for a placement to route."
)
@board_file_option
@click.option("--lanes", type=int, help="Multipliers, where not the board's own number.")
@columns_option
@sparse_option
@click.option(
    "--device", type=click.Choice(["pdm", "i2s"]),
    help="A device that hears with such a microphone, and needs no computer.",
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for the build.")
@json_option
def command(
    board: str, model: Path, seeds: int, jobs: int, minutes: float | None, lanes: int | None,
    columns: str, sparse: bool, device: str | None, output: Path | None, board_file: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Synthesise, place and route a bitstream for BOARD that holds MODEL.

    With --device the board becomes one: a microphone on its pins, words on others, the network in
    its flash. Status 1 when a seed routes for less than 1.08 times a clock, or not in the time
    given.
    """
    target = find_board(board, board_file)
    accelerator = thresh.load(model).compile(target, lanes=lanes, columns=columns, sparse=sparse)
    made = accelerator.build(
        output, seeds=seeds, jobs=jobs, minutes=minutes, device=device, progress=note
    )
    show_report(made, as_json=as_json)
    if not made.met:
        fail(made.verdict)
