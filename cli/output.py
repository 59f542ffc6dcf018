"""What commands print: tables for people, or one JSON object; progress on standard error."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

Update = Callable[[int, int], None]

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else."
)

sparse_option = click.option(
    "--sparse", "--packed", "sparse", is_flag=True,
    help="Leave zero weights out of the columns (--packed until 0.3).",
)  # fmt: skip
pointwise_lanes_option = click.option(
    "--pointwise-lanes", "--serial", "pointwise_lanes", type=int,
    help="Units per cycle of the pointwise stage, S (--serial until 0.3).",
)  # fmt: skip


def messages() -> Console:
    """Console for notes and progress: standard error."""
    return Console(stderr=True, highlight=False)


def show(data: dict[str, Any], table: RenderableType, *, as_json: bool) -> None:
    """Print ``data`` as JSON, or ``table``, on standard output."""
    if as_json:
        click.echo(json.dumps(data, allow_nan=False))
    else:
        Console(highlight=False).print(table)


def facts(title: str, rows: Iterable[tuple[str, object]]) -> Table:
    """A table of names and values."""
    return grid(title, ("", ""), rows, header=False)


def grid(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, header: bool = True
) -> Table:
    """A table; under a header, columns of numbers stand to the right."""
    table = Table(title=title, title_justify="left", title_style="bold", show_header=header)
    rows = list(rows)
    for place, name in enumerate(columns):
        cells = [row[place] for row in rows]
        right = header and any(isinstance(cell, int | float) for cell in cells)
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(number(cell) for cell in row))
    return table


def number(value: object) -> str:
    """``value`` as people read it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def cycles_text(cycles: dict[str, float]) -> str:
    """Least, mean and most cycles, for people."""
    return f"{cycles['min']:,} to {cycles['max']:,}, mean {cycles['mean']:,.1f}"


@contextmanager
def bars() -> Iterator[Callable[[str], Update]]:
    """Bars on standard error; ``add(description)`` gives one's ``update(done, total)``."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = messages()
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as shown:

        def add(description: str) -> Update:
            task = shown.add_task(description, total=None)
            return lambda done, total: shown.update(task, completed=done, total=total)

        yield add


@contextmanager
def progress(description: str) -> Iterator[Update]:
    """One of `bars`; yields ``update(done, total)``."""
    with bars() as add:
        yield add(description)
