"""``thresh explore``: which thresholds save how much, and what they cost in accuracy."""

from dataclasses import replace
from pathlib import Path

import click

import thresh
from thresh.data.inputs import SPLITS, load_inputs, validation_split
from thresh.hw.known_boards import BOARDS, find_board
from thresh.network import Network

from .output import (
    board_file_option,
    json_option,
    made_by,
    note,
    note_inputs,
    raw_option,
    show,
)

PAGE, MODEL = ".html", ".safetensors"


@click.command("explore")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("source", metavar="DATA", type=click.Path(path_type=Path))
@click.option("--split", type=click.Choice(SPLITS), help="Part of DATA; see above.")
@click.option("--limit", type=int, help="Run only so many sequences, evenly spread.")
@click.option("--levels", default=8, show_default=True, help="Thresholds of the grid, each way.")
@click.option("--rounds", default=2, show_default=True, help="Refinements around the front.")
@click.option(
    "--max-loss", type=float,
    help="Choose the cheapest thresholds that lose at most so many points (or so much RMS).",
)  # fmt: skip
@click.option("--board", "boards", multiple=True, help="Boards to predict; all that fit if none.")
@board_file_option
@click.option(
    "--processes",
    type=click.IntRange(1),
    help="On this machine; one per core if none, 1 needs no dask.",
)
@click.option("--scheduler", help="Address of a dask scheduler whose workers have thresh.")
@click.option(
    "-o", "--output", "outputs", multiple=True, type=click.Path(path_type=Path),
    help="A page (.html), or MODEL with the thresholds of --max-loss (.safetensors); repeatable.",
)  # fmt: skip
@click.option(
    "--journal", "folder", type=click.Path(path_type=Path), default=Path("build/explore"),
    show_default=True, help="Where finished points are kept, so that a search goes on.",
)  # fmt: skip
@raw_option
@json_option
def command(
    model: Path, source: Path, split: str | None, limit: int | None, levels: int, rounds: int,
    max_loss: float | None, boards: tuple[str, ...], processes: int | None, scheduler: str | None,
    outputs: tuple[Path, ...], folder: Path, raw: bool, board_file: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Search the thresholds of MODEL on labelled DATA and show what they save and cost.

    DATA is what `thresh golden` takes, with labels. Every point is the exact integer network. The
    error is the share of sequences decided wrongly, the label error rate with ctc, or without a
    decision the RMS difference from the labels, or from the network at thresholds of zero.

    Choosing thresholds on test data makes the test worthless: give validation data. By default
    that is the validation split, where DATA has one: takes 5 to 7 in FSDD's naming, or what
    `thresh train` held out for it; all of DATA otherwise.
    """
    network = thresh.load(model)
    if board_file and not boards:
        raise click.UsageError("--board-file needs a --board of it.")
    chosen = [find_board(name, None if name in BOARDS else board_file) for name in boards]
    _refuse_outputs(outputs, max_loss)
    split = split or validation_split(source, network.integers)
    inputs = load_inputs(source, network.integers, split=split, limit=limit, raw=raw)
    note_inputs(inputs)
    found = network.explore(
        inputs, max_loss=max_loss,
        levels=levels, rounds=rounds, boards=chosen or None, processes=processes,
        scheduler=scheduler, journal=folder, progress=True,
    )  # fmt: skip
    command = made_by("folder", "processes", "scheduler")
    found = replace(found, source=str(source), split=split, command=command)
    for path in outputs:
        if path.suffix == PAGE:
            found.to_html(path)
        else:
            Network(found.tuned()).save(path)
    data = {"model": str(model)} | found.to_dict() | {"outputs": [str(path) for path in outputs]}
    show(data, found.tables(), as_json=as_json)
    if split == "train":
        note("note: thresholds were chosen on sequences that the network was trained on: on others "
             "they lose more than is said")  # fmt: skip
    if split in ("all", "test"):
        note(
            f"note: thresholds were compared on {source.name}, split {split!r}: measure what they "
            f"cost on other data"
        )


def _refuse_outputs(outputs: tuple[Path, ...], max_loss: float | None) -> None:
    for path in outputs:
        if path.suffix not in (PAGE, MODEL):
            raise ValueError(f"{path.name} must end in {PAGE} for a page or {MODEL} for a model")
        if path.suffix == MODEL and max_loss is None:
            raise click.UsageError(f"{path.name} needs --max-loss, which chooses its thresholds.")
