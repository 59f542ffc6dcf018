"""One training of a task as work for any machine: checkpoints in, a checkpoint out."""

import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from thresh.model.files import write_atomically
from thresh.training.trainer.net import Net
from thresh.training.trainer.stage import Stage
from thresh.training.trainer.task import Task

from .table import TASKS
from .training import pretrain, refine

ONE = threading.Lock()
"""PyTorch draws random numbers for a whole process, so that one trains one unit at a time."""

Call = tuple["Unit", Mapping[str, bytes], Path]
"""Arguments of `run_unit`."""

Spread = Callable[[Callable[..., Any], Sequence[Call]], Iterator[tuple[str, bytes]]]
"""Calls a function elsewhere and gives its results as they come: `thresh.tuning.cluster` does."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A training: the plain network that others start from, or a stage after it.

    Parameters
    ----------
    task : str
        In `thresh.training.tasks.table.TASKS`.
    data : str or None
        Folder of the data sets on the machine that trains; its environment's when None.
    fold : int or None
        Of the task, where it is one of its folds.
    seed : int
    stage : Stage or None
        None for the plain network.
    start, checkpoint : str
        Files of the plain network and of this training, relative to the folder of checkpoints.
    before : Unit or None
        A stage that this one goes on from; None for one that goes on from the plain network.
    teacher : Unit or None
        Whose posteriors are followed, where the stage distils.
    """

    task: str
    data: str | None
    fold: int | None = None
    seed: int
    stage: Stage | None = None
    start: str
    checkpoint: str
    before: "Unit | None" = None
    teacher: "Unit | None" = None

    @property
    def depth(self) -> int:
        """Trainings that must be done before this one."""
        first = 0 if self.stage is None else 1
        return max([first, *(unit.depth + 1 for unit in (self.before, self.teacher) if unit)])

    @property
    def files(self) -> tuple[str, ...]:
        """Checkpoints that it needs, its own last."""
        earlier = [name for unit in (self.before, self.teacher) if unit for name in unit.files]
        return (*dict.fromkeys((self.start, *earlier, self.checkpoint)),)

    @property
    def title(self) -> str:
        """For people."""
        fold = "" if self.fold is None else f"fold {self.fold}, "
        name = self.stage.name if self.stage else "plain net"
        return f"{self.task}, {fold}seed {self.seed}, {name}"


def run_unit(unit: Unit, kept: Mapping[str, bytes], folder: Path) -> tuple[str, bytes]:
    """Train ``unit``, or the epochs of it that are missing.

    Parameters
    ----------
    unit : Unit
    kept : dict of bytes
        Checkpoints by their names: those of what it goes on from, and what there is of its own.
    folder : Path
        Of the checkpoints. Where this machine does not have it, one for temporary files serves, in
        which a training that was interrupted here goes on as well.

    Returns
    -------
    name, content
        Of the finished checkpoint.
    """
    home = folder if folder.is_dir() else Path(tempfile.gettempdir(), "thresh-units", folder.name)
    with ONE:
        torch.set_num_threads(1)
        for name, content in kept.items():
            if not (home / name).exists():
                write_atomically(home / name, content)
        _train(unit, _task(unit.task, unit.data, unit.fold), home)
        return unit.checkpoint, (home / unit.checkpoint).read_bytes()


def _train(unit: Unit, task: Task, home: Path) -> Net:
    """The network of a unit; what it goes on from is read, as it is there already."""
    if unit.stage is None:
        return pretrain(task, seed=unit.seed, checkpoint=home / unit.start)
    plain = replace(unit, stage=None, before=None, teacher=None)
    net = _train(unit.before or plain, task, home)
    teacher = _train(unit.teacher, task, home) if unit.teacher else None
    return refine(
        net, task, unit.stage, seed=unit.seed, checkpoint=home / unit.checkpoint, teacher=teacher
    )


@lru_cache(maxsize=1)
def _task(name: str, data: str | None, fold: int | None) -> Any:
    return TASKS[name](data) if fold is None else TASKS[name](data, fold=fold)


def train_units(units: Sequence[Unit], folder: Path, spread: Spread) -> Iterator[Unit]:
    """Have every unit trained, and keep their checkpoints in ``folder``.

    Those that others go on from are trained first.

    Parameters
    ----------
    units : sequence of Unit
    folder : Path
    spread : callable

    Yields
    ------
    Unit
        As they are done.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for depth in sorted({unit.depth for unit in units}):
        named = {unit.checkpoint: unit for unit in units if unit.depth == depth}
        calls = [(unit, _kept(unit, folder), folder) for unit in named.values()]
        for name, content in spread(run_unit, calls):
            write_atomically(folder / name, content)
            yield named[name]


def _kept(unit: Unit, folder: Path) -> dict[str, bytes]:
    paths = {name: folder / name for name in unit.files}
    return {name: path.read_bytes() for name, path in paths.items() if path.exists()}
