"""An exam of a task: pairs of networks on folds and seeds, chosen on validation, tested once."""

import copy
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from thresh.model.files import write_atomically
from thresh.training.exam.evidence import Evidence
from thresh.training.exam.rule import Verdict, judge
from thresh.training.trainer.net import Net
from thresh.training.trainer.scoring import evaluate
from thresh.training.trainer.stage import Stage
from thresh.training.trainer.task import Task
from thresh.training.trainer.work import Work

from .integers import in_integers
from .training import pretrain, refine

START, PAIR = "start.pt", ("control.pt", "delta.pt")
"""Checkpoints of a pair."""

Choice = Callable[[list[dict[str, float]]], dict[str, float]]
"""Chooses one of the points of a `Sitting.curve`."""

Report = Callable[[int, int, str, str], None]
"""Called after every epoch with fold, seed, stage and what is to be said."""


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """What a pair of stages comes to.

    Parameters
    ----------
    scale : float
        Of the thresholds that it was trained with, chosen on validation.
    verdict : Verdict
        On test, the delta network in integers.
    work : dict of Work
        Of the delta network on test, by seed.
    curve : list of dict
        Error, difference and reduction on validation, by scale.
    """

    scale: float
    verdict: Verdict
    work: dict[int, Work]
    curve: list[dict[str, float]]

    def to_dict(self) -> dict[str, Any]:
        """As JSON; reductions are of dense columns, and of sparse ones beside them."""
        whole = sum(self.work.values(), Work())
        return {
            "scale": self.scale,
            "reduction": whole.reduction,
            "reduction_sparse": whole.reduction_sparse,
            "reductions": {str(seed): work.reduction for seed, work in self.work.items()},
            "fired_x": whole.fired_x,
            "fired_h": whole.fired_h,
            **self.verdict.to_dict(),
            "validation": self.curve,
        }


def home_of(fold: int, seed: int) -> str:
    """Folder of a pair's checkpoints, in that of a sitting."""
    return f"fold{fold}-seed{seed}"


class Room:
    """Where pairs are trained and what they did is kept.

    Parameters
    ----------
    task_of : callable
        The task of a fold.
    pair : tuple of Stage
        Control and delta network.
    folder : Path
        Of checkpoints and of what was measured; an interrupted sitting goes on from there.
    report : callable
    """

    def __init__(
        self, task_of: Callable[[int], Task], pair: tuple[Stage, Stage], folder: Path,
        report: Report = lambda fold, seed, stage, text: None,
    ) -> None:  # fmt: skip
        self.task_of, self.pair, self.folder, self.report = task_of, pair, folder, report
        self.path = folder / "sitting.json"
        self.kept = json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else {}

    def trained(self, task: Task, fold: int, seed: int) -> list[Net]:
        """Control and delta network, from the same start."""
        home = self.folder / home_of(fold, seed)

        def heard(stage: str) -> Callable[..., None]:
            return lambda epoch, loss, outcome: self.report(
                fold, seed, stage, f"epoch {epoch + 1}, loss {loss:.4f}"
            )

        start = pretrain(
            task, seed=seed, checkpoint=home / START, report=heard("start")
        )  # fmt: skip
        return [
            refine(start, task, stage, seed=seed, checkpoint=home / name,
                   report=heard(stage.name))
            for name, stage in zip(PAIR, self.pair, strict=True)
        ]  # fmt: skip

    def measured(self, net: Net, task: Task, split: str) -> tuple[np.ndarray, Work]:
        """Tallies and work on a split, from what is kept where it is there."""
        state = hashlib.sha256(f"{task.name} {task.digest} {split} {net.quantised}".encode())
        for layer in (net.gru, net.linear):
            state.update(repr(layer).encode())
        for value in net.state_dict().values():
            state.update(value.numpy().tobytes())
        key = state.hexdigest()
        if key not in self.kept:
            outcome = evaluate(net, task, task.items(split))
            self.kept[key] = {"tallies": outcome.tallies.tolist(), "work": vars(outcome.work)}
            write_atomically(self.path, json.dumps(self.kept))
        found = self.kept[key]
        return np.array(found["tallies"]), Work(**found["work"])


def scaled(net: Net, stage: Stage, scale: float) -> Net:
    """A copy at a part of the thresholds that it was trained with."""
    other = copy.deepcopy(net)
    other.set_thresholds(scale * stage.threshold_x, scale * stage.threshold_h)
    return other


def most_reduced(curve: list[dict[str, float]]) -> dict[str, float]:
    """The point of the largest reduction within the allowance, else that of the smallest error."""
    good = [point for point in curve if point["difference"] <= point["allowance"]]
    if good:
        return max(good, key=lambda point: point["reduction"])
    return min(curve, key=lambda point: point["error"])


def least_loss(wanted: float) -> Choice:
    """The choice of the smallest loss at ``wanted`` times fewer fetches, else of the fewest.

    A loss moves less than an error does when other recordings are drawn.
    """

    def choose(curve: list[dict[str, float]]) -> dict[str, float]:
        good = [point for point in curve if point["reduction"] >= wanted]
        if good:
            return min(good, key=lambda point: point["loss"])
        return max(curve, key=lambda point: point["reduction"])

    return choose


def sit(
    room: Room, *, folds: Sequence[int], seeds: Sequence[int], scales: Sequence[float],
    choose: Choice = most_reduced,
) -> Sitting:  # fmt: skip
    """Train every pair, choose the thresholds on validation over all of them, then test them once.

    Parameters
    ----------
    room : Room
    folds, seeds : sequence of int
    scales : sequence of float
        Of the thresholds.
    choose : callable
        Chooses a scale from what all of them come to on validation.
    """
    shown: dict[float, list[tuple[Evidence, Work]]] = {scale: [] for scale in scales}
    task = room.task_of(folds[0])
    for fold in folds:
        task = room.task_of(fold)
        for seed in seeds:
            control, delta = room.trained(task, fold, seed)
            sources = tuple(item.source for item in task.items("validation"))
            plain, _ = room.measured(control, task, "validation")
            for scale in scales:
                other = scaled(delta, room.pair[1], scale)
                tallies, work = room.measured(other, task, "validation")
                evidence = Evidence(clusters=sources, control=plain, delta=tallies)
                shown[scale].append((evidence, work))
    curve = [{"scale": scale, **_point(task, found)} for scale, found in shown.items()]
    chosen = choose(curve)
    evidences, works = [], {}
    for fold in folds:
        task = room.task_of(fold)
        for seed in seeds:
            control, delta = room.trained(task, fold, seed)
            _, exact = in_integers(scaled(delta, room.pair[1], chosen["scale"]), task)
            plain, _ = room.measured(control, task, "test")
            tallies, work = room.measured(exact, task, "test")
            sources = tuple(item.source for item in task.items("test"))
            evidences.append(Evidence(clusters=sources, control=plain, delta=tallies))
            works[seed] = works.get(seed, Work()) + work
    verdict = judge(
        Evidence.joined(evidences), task.error_of, allowance=task.allowance, relative=task.relative
    )
    return Sitting(scale=chosen["scale"], verdict=verdict, work=works, curve=curve)


def _point(task: Task, found: list[tuple[Evidence, Work]]) -> dict[str, float]:
    """Figures of one scale over folds and seeds."""
    evidence = Evidence.joined(one for one, _ in found)
    control, delta = (
        task.score_of(side.sum(axis=0)) for side in (evidence.control, evidence.delta)
    )
    return {
        "error": delta.error,
        "loss": delta.error if delta.loss is None else delta.loss,
        "difference": delta.error - control.error,
        "allowance": task.allowance * (control.error if task.relative else 1),
        "reduction": sum((work for _, work in found), Work()).reduction,
    }
