"""``thresh listen``: what a device hears, live."""

import time
from contextlib import nullcontext, suppress
from importlib.resources import as_file, files
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live

import thresh
from thresh.device_sources import BoardSource, Source
from thresh.host.errors import LinkError
from thresh.listening import (
    ENGINES,
    listening,
    live_view,
    read_thresholds,
    simulated,
    with_thresholds,
)
from thresh.reports.device.live import LiveFrame

from .output import given, json_option, note, show_report

MODEL = "digits-gru128-magnitude.safetensors"


@click.command("listen")
@click.argument("model", type=click.Path(path_type=Path), required=False)
@click.option("-p", "--port", help="Serial port of the board, such as /dev/ttyUSB1 or COM3.")
@click.option(
    "--simulate", metavar="FILE", type=click.Path(path_type=Path),
    help="Hear a WAV or FLAC file, or a .npz of PDM bits, instead of a board.",
)  # fmt: skip
@click.option("--array", metavar="NAME", help="Which array of a .npz that holds several.")
@click.option("--engine", type=click.Choice(ENGINES), default="golden", show_default=True,
              help="What simulates the device.")  # fmt: skip
@click.option(
    "--record", metavar="FILE", type=click.Path(path_type=Path),
    help="Keep everything that was heard, for thresh replay.",
)  # fmt: skip
@click.option(
    "--threshold", "thresholds", metavar="WORD=VALUE", multiple=True,
    help="Announce WORD above this score; a board keeps it until its power ends. Of a board "
    "without MODEL, the class's number and an integer.",
)  # fmt: skip
@click.option(
    "--seconds",
    type=float,
    help="Listen for so long, of a FILE its own time; otherwise until Ctrl-C or its end.",
)
@json_option
def command(
    model: Path | None, port: str | None, simulate: Path | None, array: str | None, engine: str,
    record: Path | None, thresholds: tuple[str, ...], seconds: float | None, as_json: bool,
) -> None:  # fmt: skip
    """Show what a device that holds MODEL hears: log-mel, events, scores, decisions, work.

    Without MODEL a board's classes have numbers, and --simulate takes the digits network that
    ships. Begins a new sequence of the network. Ctrl-C ends it.
    """
    if (port is None) == (simulate is None):
        raise click.UsageError("Give --port or --simulate, not both and not neither.")
    if simulate is None and (words := given("array", "engine")):
        raise click.UsageError(f"Only for --simulate, not for a board: {', '.join(words)}.")
    with _source(model, port, simulate, array, engine, thresholds) as source:
        heard, frames, gone = _follow(source, seconds, quiet=as_json, paced=simulate is not None)
        found = listening(source, heard, frames)
    if record:
        found.recording.save(record)
    show_report(found, as_json=as_json)
    if gone:
        raise gone


def _source(
    model: Path | None, port: str | None, simulate: Path | None, array: str | None, engine: str,
    chosen: tuple[str, ...],
) -> Source:  # fmt: skip
    network = None
    if model is not None or simulate is not None:
        with as_file(files("thresh.examples") / MODEL) as shipped:
            network = thresh.load(model or shipped).integers
    thresholds = read_thresholds(chosen, network)
    network = with_thresholds(network, thresholds) if network else None
    if port is not None:
        return BoardSource(port, network, thresholds=thresholds)
    assert simulate is not None
    assert network is not None
    if engine == "compiled":
        note("note: the device is made, compiled and run before anything is shown")
    return simulated(network, simulate, engine, array)


def _follow(
    source: Source, seconds: float | None, *, quiet: bool, paced: bool
) -> tuple[list[LiveFrame], int, LinkError | None]:
    """Show every frame; those that announced a word, how many came, and why no more do."""
    view, console = live_view(source), Console(highlight=False)
    live = console.is_terminal and not quiet
    begin, frames = time.monotonic(), 0
    heard: list[LiveFrame] = []
    gone: LinkError | None = None

    def keep_on() -> bool:
        heard_for = frames / view.rate if paced else time.monotonic() - begin
        return seconds is None or heard_for < seconds

    shown = Live(view, console=console, refresh_per_second=10) if live else nullcontext()
    with shown, suppress(KeyboardInterrupt):
        try:
            for frame in source.frames(keep_on):
                frames += 1
                view.lost = source.lost
                view.add(frame)
                if frame.heard:
                    heard.append(frame)
                    if not (live or quiet):
                        console.print(view.said(frame))
                if live and paced:
                    time.sleep(max(0.0, begin + frame.number / view.rate - time.monotonic()))
        except LinkError as error:
            gone = error
    return heard, frames, gone
