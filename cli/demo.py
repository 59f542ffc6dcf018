"""``thresh demo``: the whole line, from audio to a bitstream and a page."""

from importlib.resources import as_file, files
from pathlib import Path

import click

from thresh.device_pipeline import DevicePipeline
from thresh.hw.known_boards import find_board
from thresh.pipeline import Pipeline
from thresh.progress import Steps
from thresh.reports.table import grid
from thresh.sim.runner import ENGINES
from thresh.simulation import ENGINE
from thresh.training.sets.fsdd import ENVIRONMENT, data_directory

from .output import board_file_option, fail, given, json_option, made_by, messages, show

MODEL, DEVICE_MODEL = "digits-gru128.safetensors", "digits-gru128-magnitude.safetensors"
RECORDINGS = 60
"""Recordings of a data set that the core is simulated on; all are heard."""


@click.command("demo")
@click.option(
    "--data", type=click.Path(path_type=Path), envvar=ENVIRONMENT, show_envvar=True,
    help="FSDD folder: its test recordings instead of the clips that ship.",
)  # fmt: skip
@click.option("--board", default="icebreaker", show_default=True, help="Board to build for.")
@board_file_option
@click.option(
    "--seeds", type=click.IntRange(1), default=1, show_default=True, help="Placements to try."
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    help="Clips for the simulated core (all that ship, 60 of a data set).",
)
@click.option("--engine", type=click.Choice(list(ENGINES)), default=ENGINE, show_default=True)
@click.option(
    "--device", type=click.Choice(["pdm", "i2s"]),
    help="A device that hears by itself instead, with such a microphone.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(path_type=Path),
    help="Folder for everything that is made; build/demo, or build/device.",
)  # fmt: skip
@json_option
def command(
    data: Path | None, board: str, seeds: int, limit: int | None, engine: str, device: str | None,
    output: Path | None, board_file: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Run the whole line: audio, golden model, image, Verilog, simulation, bitstream, report.

    With --device the clips become the bits of a microphone at the pins of a whole device. Status 1
    when an integer of the simulation differs from the golden model.
    """
    target = find_board(board, board_file)
    if device and given("data"):
        raise click.UsageError("A device hears the clips that ship: give --device or --data.")
    if device and given("engine"):
        raise click.UsageError("--engine is not for a --device, which is always compiled.")
    with as_file(files("thresh.examples")) as shipped:
        folder = output or Path("build/device" if device else "build/demo")
        placements = tuple(range(1, seeds + 1))
        line: Steps
        if device:
            line = DevicePipeline(
                model=shipped / DEVICE_MODEL,
                source=shipped,
                folder=folder,
                board=target.name,
                kind=device,
                limit=limit,
                seeds=placements,
            )
        else:
            line = Pipeline(
                model=shipped / MODEL,
                source=data_directory(data) if data else shipped,
                folder=folder,
                board=target,
                split="test" if data else "all",
                limit=limit or (RECORDINGS if data else None),
                engine=engine,
                seeds=placements,
            )
        result = line.run(made_by("output", *["data"] * bool(device)), say)
    rows = [(step["name"], step["result"], f"{step['seconds']:.1f}") for step in result["steps"]]
    title = f"{result['network']} on {result['board_title']}"
    show(result, [grid(title, ("step", "result", "seconds"), rows)], as_json=as_json)
    if not line.equal:
        fail(None)


def say(name: str, result: str, seconds: float) -> None:
    """What a step did, on standard error."""
    messages().print(f"[bold]{name}[/] ({seconds:.1f} s): {result}", soft_wrap=True)
