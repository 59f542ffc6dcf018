"""``thresh estimate``: whether a network fits a board."""

from pathlib import Path

import click

from thresh.hw.fit import estimate_fit
from thresh.model.model_file import load_network

from .output import grid, json_option, messages, show
from .shape import board_geometry, board_named


@click.command("estimate")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("board")
@click.option("--lanes", type=int, help="Multipliers, where not the board's own number.")
@json_option
def command(model: Path, board: str, lanes: int | None, as_json: bool) -> None:
    """Say what MODEL needs on BOARD and what there is, without building anything.

    Status 1, and a sentence that says what to change, when it does not fit.
    """
    geometry = board_geometry(board, lanes=lanes) if lanes else None
    fit = estimate_fit(load_network(model), board_named(board), geometry)
    rows = [
        (name, need.needed, need.available, need.unit, "yes" if need.met else "NO")
        for name, need in fit.needs.items()
    ]
    title = f"{model.name} on {board}, {fit.lanes} lanes"
    columns = ("", "needed", "available", "unit", "fits")
    show(fit.to_dict(), grid(title, columns, rows), as_json=as_json)
    if fit.advice:
        messages().print(f"thresh: {fit.advice}", markup=False, soft_wrap=True)
        raise click.exceptions.Exit(1)
