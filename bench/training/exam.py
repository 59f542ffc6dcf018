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
from pathlib import Path
from typing import Any

import torch

from bench.results import RESULTS, ROOT, load
from thresh.model.files import write_atomically
from thresh.training.tasks.sitting import Room, sit
from thresh.training.tasks.table import TASKS
from thresh.training.tasks.techniques import pair

SEEDS = (1, 2, 3)


def measure(
    name: str, data: str | None, folder: Path, *, folds: tuple[int, ...], seeds: tuple[int, ...],
    official: bool,
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
    found = sit(room, folds=used, seeds=seeds, scales=task.around)
    words = ["python -m bench.training.exam", name, *(["--official"] if official else [])]
    return {
        "unit": task.unit, "split": task.split if official else f"{make.folds} folds",
        "folds": list(used), "seeds": list(seeds), **found.to_dict(), "command": " ".join(words),
    }  # fmt: skip


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
    asked = parser.parse_args(arguments)
    torch.set_num_threads(1)
    kind = "official" if asked.official else "folds"
    try:
        found = measure(
            asked.task, asked.data, ROOT / "build" / "exam" / asked.task / kind,
            folds=asked.folds or tuple(range(TASKS[asked.task].folds)), seeds=asked.seeds,
            official=asked.official,
        )  # fmt: skip
    except (ValueError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(2) from error
    whole = {"task": asked.task} | (load(f"exam-{asked.task}") or {}) | {kind: found}
    write_atomically(RESULTS / f"exam-{asked.task}.json", json.dumps(whole, indent=1) + "\n")


if __name__ == "__main__":
    main()
