"""``thresh report``: the page of an earlier demo."""

from pathlib import Path

import click

from thresh.reports.device.found import DATA as DEVICE
from thresh.reports.device.page import write_device_page
from thresh.reports.page import write_page
from thresh.reports.table import facts

from .output import json_option, show


@click.command("report")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("build/demo"))
@json_option
def command(folder: Path, as_json: bool) -> None:
    """Write report.html again from what a demo left in FOLDER (build/demo)."""
    page = write_device_page(folder) if (folder / DEVICE).exists() else write_page(folder)
    data = {"report": str(page), "bytes": page.stat().st_size}
    show(data, [facts("Report", data.items())], as_json=as_json)
