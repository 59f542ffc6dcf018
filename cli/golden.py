"""``thresh golden``: the golden model on clips or arrays."""

from pathlib import Path

import click

import thresh
from thresh.data.inputs import SPLITS, load_inputs

from .output import json_option, note_inputs, raw_option, show_report, top_option


@click.command("golden")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("source", metavar="INPUT", type=click.Path(path_type=Path))
@click.option("--split", type=click.Choice(SPLITS), default="all", help="Part of a folder.")
@click.option("--limit", type=int, help="Run only so many sequences, evenly spread.")
@top_option
@raw_option
@json_option
def command(
    model: Path,
    source: Path,
    split: str,
    limit: int | None,
    top: int | None,
    raw: bool,
    as_json: bool,
) -> None:
    """Run the golden model: what is heard, and the work it took.

    INPUT is an audio file, a folder of them whose names begin with their class (by name, or by
    number as in FSDD), a folder with one folder of them per class, or a .npy, .npz or .csv of
    sequences of shape (frames, inputs), with labels as docs/explore.md has them or without.
    Numbers are real, in the unit in which the network was trained; see --raw-inputs.
    """
    network = thresh.load(model)
    inputs = load_inputs(source, network.integers, split=split, limit=limit, raw=raw)
    note_inputs(inputs)
    show_report(network.evaluate(inputs, top=top, progress=True), as_json=as_json)
