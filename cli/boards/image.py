"""``thresh image``: a network laid out for a board's memories."""

from pathlib import Path

import click

import thresh
from thresh.cli.output import (
    board_file_option,
    columns_option,
    json_option,
    show_report,
    sparse_option,
)
from thresh.hw.known_boards import find_board


@click.command("image")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("board")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write.")
@click.option("--lanes", type=int, help="Lanes, where the bitstream was built with other ones.")
@board_file_option
@columns_option
@sparse_option
@json_option
def command(
    model: Path,
    board: str,
    output: Path | None,
    lanes: int | None,
    columns: str,
    sparse: bool,
    board_file: Path | None,
    as_json: bool,
) -> None:
    """Lay the network MODEL out for BOARD's memories and write the network image."""
    target = find_board(board, board_file)
    accelerator = thresh.load(model).compile(target, lanes=lanes, columns=columns, sparse=sparse)
    path = output or model.with_suffix(f".{board}.img").name
    show_report(accelerator.write_image(path), as_json=as_json)
