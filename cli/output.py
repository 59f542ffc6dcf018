"""What commands print: tables for people, or one JSON object; notes on standard error."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from thresh.data.inputs import Sequence
from thresh.data.notes import notes_of
from thresh.layout.geometry import COLUMNS
from thresh.model.text import shown
from thresh.reports.shown import Shown, as_rich
from thresh.reports.table import Table

LONGEST_NOTE = 1000
"""Characters of a line on standard error."""

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else."
)

sparse_option = click.option(
    "--sparse", "--packed", "sparse", is_flag=True,
    help="Leave zero weights out of the columns (--packed until 0.3).",
)  # fmt: skip
columns_option = click.option(
    "--columns", type=click.Choice(COLUMNS), default="chip", show_default=True,
    help="Where the columns of weights lie.",
)  # fmt: skip
board_file_option = click.option(
    "--board-file", type=click.Path(path_type=Path), metavar="FILE.py",
    help="Python file that describes the board, where it is none of those that ship.",
)  # fmt: skip
pointwise_lanes_option = click.option(
    "--pointwise-lanes", "--serial", "pointwise_lanes", type=int,
    help="Units per cycle of the pointwise stage, S (--serial until 0.3).",
)  # fmt: skip
raw_option = click.option(
    "--raw-inputs", "raw", is_flag=True,
    help="The numbers of INPUT are integers in the network's input format already.",
)  # fmt: skip
top_option = click.option(
    "--top", type=click.IntRange(min=1), metavar="K",
    help="Show the K best classes with their integer scores.",
)  # fmt: skip


def messages() -> Console:
    """Console for notes: standard error."""
    return Console(stderr=True, highlight=False)


def note(text: str) -> None:
    """A line on standard error."""
    messages().print(shown(text, LONGEST_NOTE), markup=False, soft_wrap=True)


def note_inputs(inputs: Iterable[Sequence]) -> None:
    """What was converted or clipped of sequences on their way in, on standard error."""
    for text in notes_of(inputs):
        note(f"note: {text}")


def show(data: dict[str, Any], tables: list[Table | str], *, as_json: bool) -> None:
    """Print ``data`` as JSON, or the tables, on standard output."""
    if as_json:
        click.echo(json.dumps(data, allow_nan=False))
    else:
        Console(highlight=False).print(as_rich(tables))


def show_report(report: Shown, *, as_json: bool) -> None:
    """Print what a step found."""
    show(report.to_dict(), report.tables(), as_json=as_json)


def fail(sentence: str | None) -> None:
    """Status 1, and a sentence on standard error."""
    if sentence:
        note(f"thresh: {sentence}")
    raise click.exceptions.Exit(1)
