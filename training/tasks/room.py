"""Where pairs of networks are trained and tried: a fold and a seed in, a piece of an exam out."""

import copy
import hashlib
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from thresh.training.exam.piece import Piece, Side, summed
from thresh.training.trainer.checkpoint import seconds_of
from thresh.training.trainer.net import Net
from thresh.training.trainer.scoring import Outcome, evaluate
from thresh.training.trainer.stage import Stage
from thresh.training.trainer.task import Task

from .integers import in_integers
from .techniques import pretraining
from .training import pretrain, refine

START = "start.pt"
"""Checkpoint of the network that a pair starts from."""

Report = Callable[[int | None, int, str, str], None]
"""Called after every epoch with fold, seed, stage and what is to be said."""


def home_of(fold: int | None, seed: int) -> str:
    """Name of a pair: folder of its checkpoints, and end of the name of its piece."""
    return f"{'own' if fold is None else f'fold{fold}'}-seed{seed}"


def files_of(pair: Sequence[Stage]) -> tuple[str, ...]:
    """Checkpoints of a pair's stages; pairs whose controls are trained alike share theirs."""
    names = ("sparse", "sparse-integers") if pair[1].sparsity else ("delta", "integers")
    control = f"control-{_digest(_asked(pair[0]))}"
    return tuple(f"{name}.pt" for name in (control, *names)[: len(pair)])


def recipe_of(task: Task | type[Task], pair: tuple[Stage, ...], scales: Sequence[float]) -> str:
    """Digest of everything that is asked of a pair, the recordings left out.

    A setting that a stage leaves as it is does not count, so that new settings change no recipe.
    """
    names = ("name", "inputs", "units", "outputs", "layers", "inputs_are", "size")
    asked: list[Any] = [
        {name: getattr(task, name) for name in names},
        [_asked(stage) for stage in (pretraining(task), *pair)],
        list(scales),
    ]
    if any(stage.distil for stage in pair):
        asked.append("teacher: control")
    return _digest(asked)


def _digest(asked: Any) -> str:
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def _asked(stage: Stage) -> dict[str, Any]:
    values = {field.name: (getattr(stage, field.name), field.default) for field in fields(stage)}
    return {name: value for name, (value, default) in values.items() if value != default}


def scaled(net: Net, stage: Stage, scale: float) -> Net:
    """A copy at a part of the thresholds that it was trained with."""
    other = copy.deepcopy(net)
    other.set_thresholds(*stage.thresholds(scale))
    return other


class Room:
    """Trains pairs and tries them at every scale.

    Parameters
    ----------
    task_of : callable
        The task of a fold; of None where it has its own split.
    pair : tuple of Stage
        Of the control, of the delta network, and where there is a third, of the delta network in
        integers, after the second.
    scales : sequence of float
        Of the delta network's thresholds.
    folder : Path
        Of checkpoints; what was interrupted goes on from there.
    report : callable
    files : tuple of str
        Names of the checkpoints of the pair's stages; `files_of` when empty.
    """

    def __init__(
        self, task_of: Callable[[int | None], Task], pair: tuple[Stage, ...],
        scales: Sequence[float], folder: Path,
        report: Report = lambda fold, seed, stage, text: None, files: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self.task_of, self.pair, self.scales = task_of, pair, tuple(scales)
        self.folder, self.report = folder, report
        self.files = files or files_of(pair)

    def trained(self, task: Task, fold: int | None, seed: int) -> list[Net]:
        """Control and delta network, from the same start; the second may follow the first."""
        home = self.folder / home_of(fold, seed)

        def heard(stage: str) -> Callable[..., None]:
            return lambda epoch, loss, outcome: self.report(
                fold, seed, stage, f"epoch {epoch + 1}, loss {loss:.4f}"
            )

        def after(net: Net, place: int, teacher: Net | None = None) -> Net:
            stage = self.pair[place]
            return refine(
                net, task, stage, seed=seed, checkpoint=home / self.files[place],
                report=heard(stage.name), teacher=teacher,
            )  # fmt: skip

        start = pretrain(task, seed=seed, checkpoint=home / START, report=heard("start"))
        control = after(start, 0)
        delta = after(start, 1, control)
        return [control, after(delta, 2, control) if len(self.pair) > 2 else delta]

    def piece(self, fold: int | None, seed: int, command: str = "") -> Piece:
        """What the pair of a fold and a seed does on validation and, in integers, on test."""
        began = time.process_time()
        task = self.task_of(fold)
        made = time.process_time()
        control, delta = self.trained(task, fold, seed)
        trained = time.process_time()

        def at(scale: float) -> Net:
            return scaled(delta, self.pair[-1], scale)

        def exact(scale: float) -> Net:
            return in_integers(at(scale), task)[1]

        sides = {
            "validation": self._side(task, "validation", control, at),
            "test": self._side(task, "test", control, exact),
        }
        home = self.folder / home_of(fold, seed)
        seconds = sum(seconds_of(home / name) for name in (START, *self.files))
        seconds += made - began + time.process_time() - trained
        return Piece(
            task=task.name, recipe=recipe_of(task, self.pair, self.scales), material=task.digest,
            fold=fold, seed=seed, command=command,
            minutes=None if math.isnan(seconds) else round(seconds / 60, 1), **sides,
        )  # fmt: skip

    def _side(self, task: Task, split: str, control: Net, delta_of: Callable[[float], Net]) -> Side:
        items = task.items(split)
        sources = [item.source for item in items]
        plain = evaluate(control, task, items)
        found: dict[float, Outcome] = {
            scale: evaluate(delta_of(scale), task, items) for scale in self.scales
        }
        return Side(
            sequences={name: sources.count(name) for name in sorted(set(sources))},
            control=summed(sources, plain.tallies),
            delta={scale: summed(sources, one.tallies) for scale, one in found.items()},
            work={scale: one.work for scale, one in found.items()},
        )
