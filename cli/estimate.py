"""``thresh estimate``: whether a network fits a board, and what a frame will cost."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Group

from thresh.data.inputs import SPLITS, load_inputs
from thresh.hw.boards import find_board
from thresh.hw.estimates.board_geometry import board_geometry
from thresh.hw.estimates.estimate import Estimate, estimate
from thresh.model.model_file import ACTIVITY_NOTE, load_network, save_network
from thresh.model.network import Network
from thresh.performance.activity import Activity, measured_steps, read_note, typical
from thresh.performance.cycles import Lists
from thresh.sim.golden_runs import run_golden

from .output import facts, grid, json_option, messages, number, show, sparse_option


@click.command("estimate")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("board")
@click.option("--lanes", type=int, help="Multipliers, where not the board's own number.")
@sparse_option
@click.option("--activity", type=float, help="Share of the values that fire, 0 to 1.")
@click.option(
    "--input", "source", type=click.Path(path_type=Path),
    help="Measure the activity on these clips or arrays (as for golden).",
)  # fmt: skip
@click.option("--split", type=click.Choice(SPLITS), default="all", help="Part of a folder.")
@click.option("--keep", is_flag=True, help="Keep the activity measured on --input in MODEL.")
@json_option
def command(
    model: Path, board: str, lanes: int | None, sparse: bool, activity: float | None,
    source: Path | None, split: str, keep: bool, as_json: bool,
) -> None:  # fmt: skip
    """Say what MODEL needs on BOARD and what a frame costs there, without building anything.

    The mean comes from --input, from --activity, or from the activity kept in MODEL. Status 1,
    and a sentence that says what to change, when it does not fit.
    """
    if activity is not None and source is not None:
        raise click.UsageError("Give --activity or --input, not both.")
    if keep and source is None:
        raise click.UsageError("--keep needs an --input to measure.")
    network, target = load_network(model), find_board(board)
    geometry = board_geometry(board, network=network, lanes=lanes, sparse=sparse)
    used = activity if activity is not None else read_note(network)
    if source is not None:
        used = measure_activity(network, source, split)
        if keep:
            kept = Activity(source=used.source, steps=tuple(typical(used.steps)))
            save_network(
                replace(network, notes=network.notes | {ACTIVITY_NOTE: kept.to_note()}), model
            )
    result = estimate(network, target, geometry, used)
    fit = result.fit
    needs = [
        (name, need.needed, need.available, need.unit, "yes" if need.met else "NO")
        for name, need in fit.needs.items()
    ]
    title = f"{model.name} on {board}, {fit.lanes} lanes"
    columns = ("", "needed", "available", "unit", "fits")
    tables = Group(grid(title, columns, needs), facts("A frame", rows(result)))
    show(result.to_dict(), tables, as_json=as_json)
    if fit.advice:
        messages().print(f"thresh: {fit.advice}", markup=False, soft_wrap=True)
        raise click.exceptions.Exit(1)


def measure_activity(network: Network, source: Path, split: str = "all") -> Activity:
    """The activity of the golden model on clips or arrays."""
    steps: list[Lists] = []
    inputs = load_inputs(source, network, split=split)
    for run in run_golden(network, [item.x for item in inputs]):
        assert run.skipped is not None
        steps += measured_steps(network, run.fired_x, run.fired_h, run.skipped)
    name = source.name if split == "all" else f"{source.name}, {split} split"
    return Activity(source=name, steps=tuple(steps))


def rows(result: Estimate) -> list[tuple[str, object]]:
    """A frame's cost for people."""
    cycles, rates = result.cycles, result.frames_per_second

    def pair(values: dict[str, Any]) -> str:
        mean = "unknown" if values["mean"] is None else number(values["mean"])
        return f"mean {mean}, worst {number(values['worst'])}"

    shown: list[tuple[str, object]] = [
        ("cycles", pair({"mean": cycles.mean, "worst": cycles.worst})),
        ("activity", cycles.source or "unknown: give --input or --activity"),
        ("clock, MHz", result.clock_mhz),
        ("frames per second", pair(rates)),
        ("frames per second over the link", rates["link"]),
    ]
    if cycles.mean and cycles.ideal is not None:
        shown.insert(1, ("utilisation", f"{cycles.ideal / cycles.mean:.1%}"))
    if result.real_time_factor:
        shown.append(("times real time", pair(result.real_time_factor)))
    if result.fmax_mhz:
        shown.append(("routed clock of such builds, slowest seed, MHz", result.fmax_mhz))
    shown += [(f"{name}, predicted", count) for name, count in result.logic.items()]
    return shown
