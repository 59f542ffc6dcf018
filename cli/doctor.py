"""``thresh doctor``: every tool, its version, where it comes from, and what is missing for what."""

import click
from rich.console import Group
from rich.markup import escape

from thresh.tools.doctor import examine

from .output import grid, json_option, show


@click.command("doctor")
@json_option
def command(as_json: bool) -> None:
    """Say which tools this machine has, and what is missing for which command."""
    findings = examine()
    rows = [(found.name, found.version, found.source, found.needed_for) for found in findings]
    table = grid("Doctor", ("tool", "version", "from", "needed for"), rows)
    notes = [f"{found.name}: {escape(found.missing)}" for found in findings if found.missing] or [
        "Nothing is missing."
    ]
    show({"tools": [found.to_dict() for found in findings]}, Group(table, *notes), as_json=as_json)
