"""``thresh doctor``: every tool, its version, where it comes from, and what is missing for what."""

import click

from thresh.reports.table import Table, grid
from thresh.tools.doctor import examine

from .output import json_option, show


@click.command("doctor")
@json_option
def command(as_json: bool) -> None:
    """Say which tools this machine has, and what is missing for which command."""
    findings = examine()
    rows = [(found.name, found.version, found.source, found.needed_for) for found in findings]
    tables: list[Table | str] = [grid("Doctor", ("tool", "version", "from", "needed for"), rows)]
    missing = [f"{found.name}: {found.missing}" for found in findings if found.missing]
    tables += missing or ["Nothing is missing."]
    show({"tools": [found.to_dict() for found in findings]}, tables, as_json=as_json)
