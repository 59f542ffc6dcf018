"""What every recipe of a network for a device is told on its command line."""

from collections.abc import Callable
from pathlib import Path

import click


def recipe_options(model: str, results: str, checkpoints: str) -> Callable[[Callable], Callable]:
    """The options ``data``, ``output``, ``results`` and ``checkpoints`` of a command.

    Parameters
    ----------
    model, results, checkpoints : str
        What is written where nothing else is said: the network, its table, and what an interrupted
        training goes on from.
    """
    file = click.Path(dir_okay=False, path_type=Path)
    options = [
        click.option(
            "--data", type=click.Path(path_type=Path), help="Folder of the data sets."
        ),
        click.option(
            "-o", "output", type=file, default=Path(model), show_default=True,
            help="Model file to write.",
        ),
        click.option(
            "--results", type=file, default=Path(results), show_default=True,
            help="Table to write.",
        ),
        click.option(
            "--checkpoints", type=click.Path(file_okay=False, path_type=Path),
            default=Path(checkpoints), show_default=True, help="Where training goes on from.",
        ),
    ]  # fmt: skip

    def decorate(command: Callable) -> Callable:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
