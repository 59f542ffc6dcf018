"""``thresh estimate``: whether a network fits a board, and what a frame will cost."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

import thresh
from thresh.cli.output import (
    board_file_option,
    columns_option,
    fail,
    given,
    json_option,
    note_inputs,
    raw_option,
    show_report,
    sparse_option,
)
from thresh.data.inputs import SPLITS, load_inputs
from thresh.hw.board_file import read_boards
from thresh.hw.known_boards import BOARDS, find_board
from thresh.performance.activity import Activity


@click.command("estimate")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("board", required=False)
@board_file_option
@click.option("--lanes", type=int, help="Multipliers, where not the board's own number.")
@columns_option
@sparse_option
@click.option(
    "--device", type=click.Choice(["pdm", "i2s"]),
    help="The board as a device with such a microphone, and what its parts draw.",
)  # fmt: skip
@click.option("--activity", type=float, help="Share of the values that fire, 0 to 1.")
@click.option(
    "--input", "source", type=click.Path(path_type=Path),
    help="Measure the activity on these clips or arrays (as for golden).",
)  # fmt: skip
@click.option("--split", type=click.Choice(SPLITS), default="all", help="Part of a folder.")
@click.option("--keep", is_flag=True, help="Keep the activity measured on --input in MODEL.")
@raw_option
@json_option
def command(
    model: Path, board: str | None, board_file: Path | None, lanes: int | None, columns: str,
    sparse: bool, device: str | None, activity: float | None, source: Path | None, split: str,
    keep: bool, raw: bool, as_json: bool,
) -> None:  # fmt: skip
    """Say what MODEL needs on BOARD and what a frame costs there, without building anything.

    Without BOARD: on which boards it fits, those of --board-file among them. The mean comes from
    --input, from --activity, or from the activity kept in MODEL. Status 1, and a sentence that
    says what to change, when it does not fit.
    """
    if activity is not None and source is not None:
        raise click.UsageError("Give --activity or --input, not both.")
    if source is None and (words := given("split", "raw")):
        raise click.UsageError(f"Only with an --input to measure: {', '.join(words)}.")
    if keep and source is None:
        raise click.UsageError("--keep needs an --input to measure.")
    if board is None and (lanes, columns, sparse, device) != (None, "chip", False, None):
        raise click.UsageError("--lanes, --columns, --sparse and --device need a BOARD.")
    network = thresh.load(model)
    target = None if board is None else find_board(board, board_file)
    used: Activity | float | None = activity
    if source is not None:
        inputs = load_inputs(source, network.integers, split=split, raw=raw)
        note_inputs(inputs)
        measured = network.measure(inputs)
        name = source.name if split == "all" else f"{source.name}, {split} split"
        used = measured = replace(measured, source=name)
        if keep:
            network.with_activity(measured).save(model)
    found: Any
    if target is None:
        own = read_boards(board_file) if board_file else {}
        found = network.boards([*BOARDS.values(), *own.values()], activity=used)
    else:
        found = network.estimate(
            target, lanes=lanes, columns=columns, sparse=sparse, device=device, activity=used
        )
    show_report(found, as_json=as_json)
    if found.advice:
        fail(found.advice)
