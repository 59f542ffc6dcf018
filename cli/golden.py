"""``thresh golden``: the golden model on clips or arrays."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from thresh.data.inputs import SPLITS, load_inputs
from thresh.data.inputs import Sequence as Input
from thresh.model.decision import decide
from thresh.model.model_file import load_network
from thresh.model.network import Network
from thresh.sim.golden_runs import GoldenRun, run_golden, total_work

from .output import facts, json_option, messages, progress, show
from .top import top_option, top_rows, with_top

SHOWN = 10
"""Misheard clips and notes that are listed."""


def summary(network: Network, inputs: Sequence[Input], runs: Sequence[GoldenRun]) -> dict[str, Any]:
    """What was heard and the work it took, as JSON."""
    work = total_work(network, runs)
    data: dict[str, Any] = {"model": network.name, "sequences": len(inputs)}
    heard = [decide(network, run.outputs) for run in runs]
    if network.decision != "none":
        labels = [item.label for item in inputs]
        if len(inputs) == 1:
            data["heard"] = heard[0]
        if None not in labels:
            right = sum(a == b for a, b in zip(heard, labels, strict=True))
            data["accuracy"] = right / len(labels)
    data["utterances"] = [
        {"input": item.name, "label": item.label, "heard": word}
        for item, word in zip(inputs, heard, strict=True)
    ]
    return data | {
        "frames": work.frames,
        "events_per_frame": work.events_per_frame,
        "weight_fetches": work.weight_fetches,
        "weight_fetches_dense": work.weight_fetches_dense,
        "reduction": work.reduction,
        "saturations": work.saturations,
    }


@click.command("golden")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("source", metavar="INPUT", type=click.Path(path_type=Path))
@click.option("--split", type=click.Choice(SPLITS), default="all", help="Part of a folder.")
@click.option("--limit", type=int, help="Run only so many sequences, evenly spread.")
@top_option
@json_option
def command(
    model: Path, source: Path, split: str, limit: int | None, top: int | None, as_json: bool
) -> None:
    """Run the golden model: what is heard, and the work it took.

    INPUT is a WAV file, a folder of WAV files whose names begin with their class (by name, or by
    number as in FSDD), a folder with one folder of WAV files per class, or a .npy or .npz of
    sequences of shape (frames, inputs), with labels as docs/explore.md has them or without.
    Integers are used as they are, floats are quantised to the network's input format.
    """
    network = load_network(model)
    inputs = load_inputs(source, network, split=split, limit=limit)
    for item in inputs[:SHOWN]:
        if item.note:
            messages().print(f"note: {item.note}")
    with progress("golden model") as update:
        runs = run_golden(network, [item.x for item in inputs], update)
    data = with_top(summary(network, inputs, runs), network, [run.outputs for run in runs], top)
    show(data, _table(data), as_json=as_json)


def _table(data: dict[str, Any]) -> Table:
    plain = {name: value for name, value in data.items() if name not in ("utterances", "top")}
    rows = [(name.replace("_", " "), value) for name, value in plain.items()] + top_rows(data)
    wrong = [
        f"{item['input']}: {item['heard']}"
        for item in data.get("utterances", [])
        if item["heard"] is not None and item["label"] not in (None, item["heard"])
    ]
    if wrong:
        rows.append(("misheard", ", ".join(wrong[:SHOWN]) + (" ..." if wrong[SHOWN:] else "")))
    return facts(f"Golden model: {data['model']}", rows)
