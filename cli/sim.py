"""``thresh sim``: the simulated accelerator, compared with the golden model or served."""

import json
from pathlib import Path

import click

import thresh
from thresh.accelerator import Accelerator
from thresh.data.inputs import SPLITS, load_inputs
from thresh.hw.known_boards import find_board
from thresh.sim.runner import ENGINES
from thresh.simulation import ENGINE

from .output import (
    board_file_option,
    columns_option,
    fail,
    given,
    json_option,
    note,
    note_inputs,
    raw_option,
    show_report,
    sparse_option,
)

BOARD = "icebreaker"
INPUT = ("engine", "split", "limit", "waveform", "raw")
"""Parameters that say how INPUT is run."""


@click.command("sim")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("source", metavar="[INPUT]", type=click.Path(path_type=Path), required=False)
@click.option("--board", help=f"Whose dimensions to use.  [default: {BOARD}]")
@board_file_option
@click.option("--lanes", type=int, help="Dimensions just large enough for MODEL instead.")
@columns_option
@sparse_option
@click.option(
    "--engine", type=click.Choice(list(ENGINES)),
    help=f"compiled: the core alone, fast; the others: over its serial line.  [default: {ENGINE}; "
    "of columns in SDRAM compiled]",
)  # fmt: skip
@click.option("--split", type=click.Choice(SPLITS), default="all", help="Part of a folder.")
@click.option("--limit", type=int, help="Run only so many sequences, evenly spread.")
@click.option("--waveform", is_flag=True, help="Write one, for the first difference.")
@click.option("--serve", "serving", is_flag=True, help="Serve it as a serial port, until Ctrl-C.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("build/sim"),
    show_default=True, help="Folder for compiled simulators and waveforms.",
)  # fmt: skip
@raw_option
@json_option
def command(
    model: Path, source: Path | None, board: str | None, lanes: int | None, columns: str,
    sparse: bool, engine: str | None, split: str, limit: int | None, waveform: bool, serving: bool,
    output: Path, raw: bool, board_file: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Simulate an accelerator that holds MODEL on INPUT (as for golden), every integer compared.

    Status 1, with the first difference, when an integer differs from the golden model. With
    --serve the accelerator appears as a serial port for `thresh run` and other programs; the
    host loads MODEL over it.
    """
    if lanes is not None and (board or board_file):
        raise click.UsageError("Give --board or --lanes, not both: a board has lanes of its own.")
    if serving and (words := ["INPUT"] * (source is not None) + given(*INPUT)):
        raise click.UsageError(f"--serve takes inputs over its port alone: no {', '.join(words)}.")
    network = thresh.load(model)
    target = None if lanes is not None else find_board(board or BOARD, board_file)
    accelerator = network.compile(target, lanes=lanes, columns=columns, sparse=sparse)
    if serving:
        _serve(accelerator, output, as_json=as_json)
        return
    if source is None:
        raise click.UsageError("Missing argument 'INPUT' (or give --serve).")
    engine = engine or ("compiled" if columns == "sdram" else ENGINE)
    inputs = load_inputs(source, network.integers, split=split, limit=limit, raw=raw)
    note_inputs(inputs)
    found = accelerator.simulate(
        inputs, engine=engine, folder=output, waveform=waveform, progress=True
    )
    show_report(found, as_json=as_json)
    if not found.equal:
        fail(found.result.first_difference)


def _serve(accelerator: Accelerator, folder: Path, *, as_json: bool) -> None:
    note("compiling the accelerator")

    def announce(port: str) -> None:
        data = {"port": port, "lanes": accelerator.lanes}
        click.echo(json.dumps(data) if as_json else f"serving on {port}, Ctrl-C ends it")

    accelerator.serve(announce, folder=folder)
