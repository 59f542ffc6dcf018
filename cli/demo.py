"""``thresh demo``: the whole line, from audio to a bitstream and a page."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import click

from thresh.hw.boards import BOARDS, find_board
from thresh.model.files import write_atomically
from thresh.reports.page import DATA, write_page
from thresh.sim.runner import ENGINES
from thresh.training.sets.fsdd import ENVIRONMENT, data_directory

from .output import Update, bars, grid, json_option, messages, show
from .pipeline import Pipeline, Step
from .sim import DEFAULT_ENGINE

MODEL = "digits-gru128.safetensors"
RECORDINGS = 60
"""Recordings of a data set that the core is simulated on; all are heard."""


@click.command("demo")
@click.option(
    "--data", type=click.Path(path_type=Path), envvar=ENVIRONMENT, show_envvar=True,
    help="FSDD folder: its test recordings instead of the clips that ship.",
)  # fmt: skip
@click.option("--board", default="icebreaker", show_default=True, help="Board to build for.")
@click.option("--seeds", default=1, show_default=True, help="Placements to try.")
@click.option(
    "--limit", type=int, help="Clips for the simulated core (all that ship, 60 of a data set)."
)
@click.option(
    "--engine", type=click.Choice(list(ENGINES)), default=DEFAULT_ENGINE, show_default=True
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("build/demo"),
    show_default=True, help="Folder for everything that is made.",
)  # fmt: skip
@json_option
def command(
    data: Path | None, board: str, seeds: int, limit: int | None, engine: str, output: Path,
    as_json: bool,
) -> None:  # fmt: skip
    """Run the whole line: audio, golden model, image, Verilog, simulation, bitstream, report.

    Status 1 when an integer of the simulation differs from the golden model.
    """
    find_board(board)
    with as_file(files("thresh.examples")) as shipped:
        line = Pipeline(
            model=shipped / MODEL,
            source=data_directory(data) if data else shipped,
            folder=output,
            board=board,
            split="test" if data else "all",
            limit=limit or (RECORDINGS if data else None),
            engine=engine,
            seeds=tuple(range(1, seeds + 1)),
        )
        result = run_line(line, "thresh demo" + (f" --data {data}" if data else ""))
    rows = [(step["name"], step["result"], f"{step['seconds']:.1f}") for step in result["steps"]]
    title = f"{result['network']} on {result['board_title']}"
    show(result, grid(title, ("step", "result", "seconds"), rows), as_json=as_json)
    if result["sim"]["mismatches"] or result["sim_core"]["mismatches"]:
        raise click.exceptions.Exit(1)


def run_line(line: Pipeline, command: str) -> dict[str, Any]:
    """Run every step of ``line``, then write its data and its page."""
    line.data |= {"command": command, "board": line.board, "steps": []}
    line.data["board_title"] = BOARDS[line.board].title
    for stage in line.stages():
        with bars() as add, ThreadPoolExecutor(len(stage)) as pool:
            steps = [pool.submit(_timed, name, step, add(name)) for name, step in stage.items()]
            line.data["steps"] += [step.result() for step in steps]
    write_atomically(line.folder / DATA, json.dumps(line.data, indent=2) + "\n")
    line.data["report"] = str(write_page(line.folder))
    return line.data


def _timed(name: str, step: Step, update: Update) -> dict[str, Any]:
    start = time.monotonic()
    result = step(update)
    seconds = time.monotonic() - start
    messages().print(f"[bold]{name}[/] ({seconds:.1f} s): {result}", soft_wrap=True)
    return {"name": name, "result": result, "seconds": seconds}
