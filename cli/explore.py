"""``thresh explore``: which thresholds save how much, and what they cost in accuracy."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Group

from thresh.data.inputs import SPLITS, load_inputs, validation_split
from thresh.hw.boards import find_board
from thresh.hw.estimates.energy import ESTIMATE
from thresh.model.model_file import ACTIVITY_NOTE, load_network, save_network
from thresh.model.network import Network
from thresh.reports.explore_page import write_page
from thresh.tuning.journal import Journal
from thresh.tuning.scoring import Problem, fitting_boards, problem_of
from thresh.tuning.search import Plan, choose, described, front_of, run_search
from thresh.tuning.spread import evaluator
from thresh.tuning.thresholds import network_at, point_of

from .output import facts, grid, json_option, messages, progress, show

STALE = (ACTIVITY_NOTE, "test_accuracy", "reduction", "accuracy")
"""Notes of a model that new thresholds make untrue."""

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
@json_option
def command(
    model: Path, source: Path, split: str | None, limit: int | None, levels: int, rounds: int,
    max_loss: float | None, boards: tuple[str, ...], processes: int | None, scheduler: str | None,
    outputs: tuple[Path, ...], folder: Path, as_json: bool,
) -> None:  # fmt: skip
    """Search the thresholds of MODEL on labelled DATA and show what they save and cost.

    DATA is what `thresh golden` takes, with labels. Every point is the exact integer network. The
    error is the share of sequences decided wrongly, the label error rate with ctc, or without a
    decision the RMS difference from the labels, or from the network at thresholds of zero.

    Choosing thresholds on test data makes the test worthless: give validation data. By default
    that is the validation split, where DATA has one: takes 5 to 7 in FSDD's naming, or what
    `thresh train` held out for it; all of DATA otherwise.
    """
    network = load_network(model)
    pages, models = _by_kind(outputs, max_loss)
    names = list(boards) or fitting_boards(network)
    for name in names:
        find_board(name)
    plan = Plan(levels=levels, rounds=rounds, max_loss=max_loss)
    split = split or validation_split(source, network)
    inputs = load_inputs(source, network, split=split, limit=limit)
    problem = problem_of(network, inputs, names)
    journal = Journal(folder / problem.digest / "points.jsonl")
    count = processes or os.cpu_count() or 1
    with (
        evaluator(problem, processes=count, scheduler=scheduler) as evaluate,
        progress("points") as update,
    ):
        points = run_search(problem, plan, journal, evaluate, update)
    rows = [journal.points[point] for point in points]
    data: dict[str, Any] = {"model": str(model), "data": str(source), "split": split}
    data |= _answer(problem, rows, max_loss)
    data |= {"journal": str(journal.path), "outputs": [str(path) for path in outputs]}
    for path in pages:
        write_page(path, data, [described(network, row, rows[0]) for row in rows])
    for path in models:
        save_network(_tuned(network, data), path)
    show(data, _tables(data), as_json=as_json)
    if split in ("all", "test"):
        messages().print(
            f"note: thresholds were compared on {source.name}, split {split!r}: measure what they "
            f"cost on other data", markup=False, soft_wrap=True,
        )  # fmt: skip


def _by_kind(outputs: tuple[Path, ...], max_loss: float | None) -> tuple[list[Path], list[Path]]:
    """Pages and model files to write."""
    for path in outputs:
        if path.suffix not in (PAGE, MODEL):
            raise ValueError(f"{path.name} must end in {PAGE} for a page or {MODEL} for a model")
    models = [path for path in outputs if path.suffix == MODEL]
    if models and max_loss is None:
        raise click.UsageError(f"{models[0].name} needs --max-loss, which chooses its thresholds.")
    return [path for path in outputs if path.suffix == PAGE], models


def _answer(problem: Problem, rows: list[dict[str, Any]], max_loss: float | None) -> dict[str, Any]:
    """What a search found; ``rows`` begins with thresholds of zero, then those of the model."""
    network, base = problem.network, rows[0]
    own = next(row for row in rows if tuple(row["point"]) == point_of(network))
    chosen = None if max_loss is None else choose(rows, base, max_loss)
    return {
        "network": network.name,
        "sequences": len(problem.inputs),
        "frames": sum(len(item.x) for item in problem.inputs),
        "unit": problem.unit,
        "points": len(rows),
        "max_loss": max_loss,
        "energy": ESTIMATE,
        "unthresholded": described(network, base, base),
        "present": described(network, own, base),
        "chosen": None if chosen is None else described(network, chosen, base),
        "front": [described(network, rows[place], base) for place in front_of(rows)],
    }


def _tuned(network: Network, data: dict[str, Any]) -> Network:
    """The network with the chosen thresholds, and a note of how they were chosen."""
    chosen = data["chosen"]
    notes = {name: value for name, value in network.notes.items() if name not in STALE}
    notes["explore"] = {
        "data": Path(data["data"]).name,
        **{name: data[name] for name in ("split", "sequences", "unit", "points", "max_loss")},
        **{name: chosen[name] for name in ("error", "loss", "reduction")},
    }
    return replace(network_at(network, tuple(chosen["integers"])), notes=notes)


def _tables(data: dict[str, Any]) -> Group:
    boards = list(data["unthresholded"]["boards"])
    unit = "error, %" if data["unit"] == "%" else "RMS error"
    columns = ["threshold x", "h", unit, "loss", "fetches/frame", "reduction"]
    if boards:
        columns.append(f"cycles, {boards[0]}")
    title = f"Pareto front of {data['network']}: {data['points']} points tried"
    names = [("all thresholds 0", "unthresholded"), ("as it is", "present"), ("chosen", "chosen")]
    known = [(text, data[key]) for text, key in names if data[key]]
    parts: list[Any] = [
        grid(title, columns, [_cells(point, boards[:1]) for point in data["front"]]),
        facts(
            f"{data['sequences']} sequences, {data['frames']:,} frames",
            [(text, sentence(point, data["unit"])) for text, point in known],
        ),
    ]
    if boards:
        costs = [
            (board, *(_cost(point["boards"][board]) for _, point in known)) for board in boards
        ]
        heads = ("board", *(text for text, _ in known))
        parts += [grid("Cycles and energy of a frame", heads, costs), data["energy"]]
    return Group(*parts)


def _cells(point: dict[str, Any], boards: list[str]) -> list[object]:
    return [
        point["threshold_x"],
        ", ".join(f"{value:.3g}" for value in point["threshold_h"]),
        point["error"],
        point["loss"],
        point["fetches_per_frame"],
        "-" if point["reduction"] is None else f"{point['reduction']:.1f}x",
        *(point["boards"][name]["cycles_per_frame"] for name in boards),
    ]


def _cost(cost: dict[str, Any]) -> str:
    return f"{cost['cycles_per_frame']:,.0f}, {cost['energy_estimate_microjoules']:.3g} uJ"


def sentence(point: dict[str, Any], unit: str) -> str:
    """A point for people."""
    hidden = ", ".join(f"{value:.3g}" for value in point["threshold_h"])
    error = f"{point['error']:.2f} %" if unit == "%" else f"RMS {point['error']:.3g}"
    saved = f", {point['reduction']:.1f}x fewer fetches" if point["reduction"] else ""
    return f"x {point['threshold_x']:.3g}, h {hidden or '-'}: {error}{saved}"
