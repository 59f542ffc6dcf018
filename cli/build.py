"""``thresh build``: a bitstream for a board."""

from pathlib import Path
from typing import Any

import click

from thresh.hw.boards import MARGIN, find_board
from thresh.hw.estimates.board_geometry import board_geometry
from thresh.hw.estimates.fit import estimate_fit
from thresh.hw.flow.build import BuildResult, build
from thresh.layout.image import build_image
from thresh.model.model_file import load_network

from .output import grid, json_option, messages, show, sparse_option


@click.command("build")
@click.argument("board")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--seeds", default=3, show_default=True, help="Placements to try.")
@click.option("--jobs", default=1, show_default=True, help="Placements at a time.")
@click.option(
    "--minutes", type=click.FloatRange(min=0, min_open=True), help="Most for a placement to route."
)
@click.option("--lanes", type=int, help="Multipliers, where not the board's own number.")
@sparse_option
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for the build.")
@json_option
def command(
    board: str, model: Path, seeds: int, jobs: int, minutes: float | None, lanes: int | None,
    sparse: bool, output: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Synthesise, place and route a bitstream for BOARD that holds MODEL.

    Status 1 when a seed routes for less than 1.08 times the clock, or not in the time given.
    """
    network, target = load_network(model), find_board(board)
    geometry = board_geometry(board, network=network, lanes=lanes, sparse=sparse)
    if advice := estimate_fit(network, target, geometry).advice:
        raise ValueError(advice)
    image = build_image(network, geometry)
    result = build(
        target,
        image,
        out_dir=output or Path("build") / board,
        seeds=tuple(range(1, seeds + 1)),
        jobs=jobs,
        minutes=minutes,
        progress=messages().print,
    )
    show(as_data(result), table(result), as_json=as_json)
    if not result.met:
        messages().print(f"thresh: {verdict(result)}", soft_wrap=True)
        raise click.exceptions.Exit(1)


def as_data(result: BuildResult) -> dict[str, Any]:
    """A build as JSON."""
    return {
        "board": result.board,
        "device": result.device,
        "lanes": result.lanes,
        "clock_mhz": result.clock_mhz,
        "fmax_mhz": {str(seed): fmax for seed, fmax in result.fmax_mhz.items()},
        "given_up": list(result.given_up),
        "met": result.met,
        "utilization": result.utilization,
        "bitstream": str(result.bitstream),
    }


def verdict(result: BuildResult) -> str:
    """Whether the clock is met, in words."""
    slowest = min(result.fmax_mhz.values())
    needed = MARGIN * result.clock_mhz
    word = "met" if result.met else "NOT met"
    lost = f"; seed {_listed(result.given_up)} was not routed in time" if result.given_up else ""
    return (
        f"{result.clock_mhz:g} MHz clock {word}: every seed must route for {needed:.1f} MHz, the "
        f"slowest routes for {slowest:.1f} MHz{lost}"
    )


def _listed(seeds: tuple[int, ...]) -> str:
    return ", ".join(str(seed) for seed in seeds)


def table(result: BuildResult) -> Any:
    """A build for people."""
    rows: list[tuple[object, ...]] = [
        (name, used["used"], used["available"], f"{used['used'] / used['available']:.0%}")
        for name, used in result.utilization.items()
        if used["used"]
    ]
    fmax = ", ".join(f"{value:.1f}" for value in result.fmax_mhz.values())
    rows.append(("routed clock of each seed, MHz", fmax, "", ""))
    if result.given_up:
        rows.append(("seeds not routed in time", _listed(result.given_up), "", ""))
    rows.append(("bitstream", result.bitstream, "", ""))
    title = (
        f"{result.board} ({result.device}), {result.lanes} lanes, {result.clock_mhz:g} MHz clock "
        f"{'met' if result.met else 'NOT met'}"
    )
    return grid(title, ("resource", "used", "available", "share"), rows)
