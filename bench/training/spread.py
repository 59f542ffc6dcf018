"""Trainings of a bench, spread over the workers of a dask cluster."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from thresh.training.tasks.unit import Unit, train_units
from thresh.tuning.cluster import cluster


def scheduler_option(parser: argparse.ArgumentParser) -> None:
    """``--scheduler``, as `thresh explore` has it."""
    parser.add_argument(
        "--scheduler", help="address of a dask scheduler whose workers train; they need the same "
        "thresh with its extra train, the data, and one thread each",
    )  # fmt: skip


def train_elsewhere(units: Sequence[Unit], folder: Path, scheduler: str) -> None:
    """Have ``units`` trained by the workers at ``scheduler``; ``folder`` gets their checkpoints.

    A bench that is then run finds everything trained. What was interrupted, here or there, goes on
    from its last epoch.

    Raises
    ------
    ValueError
        When the scheduler does not answer, or its workers cannot do the work.
    """
    with cluster(scheduler=scheduler) as workers:
        for number, unit in enumerate(train_units(units, folder, workers.run), start=1):
            print(f"{unit.title}: trained, {number} of {len(units)}", flush=True)
