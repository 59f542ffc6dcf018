"""What commands share: options, what was given, and what is printed: tables for people, or one
JSON object; notes on standard error."""

import json
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource
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


def given(*names: str) -> list[str]:
    """Options of the running command that stand on its line, of the parameters of these names.

    For options that another one leaves without a meaning.
    """
    context = click.get_current_context()
    known = {parameter.name: parameter for parameter in context.command.params}
    on_line = ParameterSource.COMMANDLINE
    return [_flag(known[name]) for name in names if context.get_parameter_source(name) is on_line]


def made_by(*left_out: str) -> str:
    """The running command as it is to be typed to make the same again.

    Parameters
    ----------
    left_out : str
        Parameters that change nothing in what is made, beside ``--json``.
    """
    context = click.get_current_context()
    words = ["thresh", str(context.info_name)]
    arguments = [one for one in context.command.params if isinstance(one, click.Argument)]
    options = [one for one in context.command.params if isinstance(one, click.Option)]
    for parameter in (*arguments, *options):
        name = parameter.name or ""
        by_default = context.get_parameter_source(name) in (ParameterSource.DEFAULT, None)
        if by_default or name in (*left_out, "as_json"):
            continue
        value = context.params[name]
        for one in value if parameter.multiple else (value,):
            flag = isinstance(parameter, click.Option) and parameter.is_flag
            words += [] if parameter in arguments else [_flag(parameter)]
            words += [] if flag else [str(one)]
    return shlex.join(words)


def _flag(parameter: click.Parameter) -> str:
    """How an option is written out, by the name that is not to go."""
    return next((word for word in parameter.opts if word.startswith("--")), parameter.opts[0])


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
