"""``thresh info``: what a file is and what it holds."""

from pathlib import Path

import click

from thresh.reports.describe import describe, described_tables

from .output import json_option, show


@click.command("info")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def command(file: Path, as_json: bool) -> None:
    """Say what FILE holds: a model file, a network image, an audio file or NumPy arrays."""
    data = {"file": str(file)} | describe(file)
    show(data, [*described_tables(str(file), data)], as_json=as_json)
