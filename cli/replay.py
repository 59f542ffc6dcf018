"""``thresh replay``: a recording of ``thresh listen`` run again."""

from pathlib import Path

import click

import thresh
from thresh.listening import replay

from .output import fail, json_option, show_report


@click.command("replay")
@click.argument("recording", metavar="FILE", type=click.Path(path_type=Path))
@click.argument("model", type=click.Path(path_type=Path), required=False)
@click.option("--golden-only", is_flag=True, help="Do not simulate the gateware.")
@json_option
def command(recording: Path, model: Path | None, golden_only: bool, as_json: bool) -> None:
    """Run FILE, which thresh listen --record wrote, through golden model and gateware.

    The first integer that differs is named, and the status is 1. FILE holds its network unless a
    board was listened to without one; then give MODEL.
    """
    network = thresh.load(model).integers if model else None
    found = replay(recording, network, gateware=not golden_only, progress=not as_json)
    show_report(found, as_json=as_json)
    if not found.equal:
        fail(None)
