"""The exam of one task: pairs of networks on every fold and seed, judged by the rule.

``python -m bench.training.exam TASK [--data DIR]`` trains a control and a delta network alike on
every fold and seed, chooses thresholds on validation, tests everything once in integers, and writes
docs/results/exam-TASK.json; ``--official`` reads the data set's own split instead and adds that to
the file. An interrupted run goes on from its last epoch.
"""

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from bench.results import RESULTS, ROOT, load
from thresh.model.files import write_atomically
from thresh.training.tasks.sitting import PAIR, START, Room, home_of, sit
from thresh.training.tasks.table import TASKS
from thresh.training.tasks.techniques import pair
from thresh.training.tasks.unit import Unit
from thresh.training.trainer.task import Task

from .spread import scheduler_option, train_elsewhere

SEEDS = (1, 2, 3)


def measure(
    name: str, data: str | None, folder: Path, *, folds: tuple[int, ...], seeds: tuple[int, ...],
    official: bool, scheduler: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """One sitting, and what it was of.

    Raises
    ------
    ValueError
        When the task has too little for folds and the official split was not asked for.
    """
    make = TASKS[name]
    if not official and not make.folds:
        raise ValueError(f"The task {name} has too little for folds: ask for --official")
    kept: dict[int, Any] = {}

    def task_of(fold: int) -> Any:
        if fold not in kept:
            kept.clear()
            kept[fold] = make(data) if official else make(data, fold=fold)
        return kept[fold]

    def report(fold: int, seed: int, stage: str, text: str) -> None:
        print(f"{name}, fold {fold}, seed {seed}, {stage}: {text}", flush=True)

    task = task_of(0 if official else folds[0])
    room = Room(task_of, pair(task), folder, report)
    used = (0,) if official else folds
    if scheduler:
        train_elsewhere(units(task, data, None if official else used, seeds), folder, scheduler)
    found = sit(room, folds=used, seeds=seeds, scales=task.around)
    words = ["python -m bench.training.exam", name, *(["--official"] if official else [])]
    return {
        "unit": task.unit, "split": task.split if official else f"{make.folds} folds",
        "folds": list(used), "seeds": list(seeds), **found.to_dict(), "command": " ".join(words),
    }  # fmt: skip


def units(
    task: Task, data: str | None, folds: tuple[int, ...] | None, seeds: tuple[int, ...]
) -> list[Unit]:
    """Every training of `thresh.training.tasks.sitting.sit`; folds are None for the own split."""
    found = []
    for fold in (None,) if folds is None else folds:
        for seed in seeds:
            home = home_of(fold or 0, seed)
            start = Unit(task=task.name, data=data, fold=fold, seed=seed, start=f"{home}/{START}",
                         checkpoint=f"{home}/{START}")  # fmt: skip
            found += [start] + [
                replace(start, stage=stage, checkpoint=f"{home}/{name}")
                for name, stage in zip(PAIR, pair(task), strict=True)
            ]
    return found


def numbers(text: str) -> tuple[int, ...]:
    """Of a list with commas."""
    return tuple(map(int, text.split(",")))


def main(arguments: list[str] | None = None) -> None:
    """Hold one exam."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--data", default=os.environ.get("THRESH_DATA"), help="folder of the sets")
    parser.add_argument("--folds", type=numbers, help="folds that are sat; all of them")
    parser.add_argument("--seeds", type=numbers, default=SEEDS)
    parser.add_argument("--official", action="store_true", help="the data set's own split")
    scheduler_option(parser)
    asked = parser.parse_args(arguments)
    torch.set_num_threads(1)
    kind = "official" if asked.official else "folds"
    try:
        found = measure(
            asked.task, asked.data, ROOT / "build" / "exam" / asked.task / kind,
            folds=asked.folds or tuple(range(TASKS[asked.task].folds)), seeds=asked.seeds,
            official=asked.official, scheduler=asked.scheduler,
        )  # fmt: skip
    except (ValueError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(2) from error
    whole = {"task": asked.task} | (load(f"exam-{asked.task}") or {}) | {kind: found}
    write_atomically(RESULTS / f"exam-{asked.task}.json", json.dumps(whole, indent=1) + "\n")


if __name__ == "__main__":
    main()
