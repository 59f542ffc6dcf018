"""What is measured on the pair of one fold and seed of an exam, trained first where it is not."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from bench.pages import training as training_page
from bench.results import ROOT, save
from thresh.training.tasks.table import TASKS
from thresh.training.trainer.task import Task

Measure = Callable[[Task, int, int, Path], list[dict[str, Any]]]
"""Gives rows from task, fold, seed and the folder of checkpoints."""


def told(fold: int | None, seed: int, stage: str, text: str) -> None:
    """Say how far a pair is that is not trained yet."""
    print(f"fold {fold}, seed {seed}, {stage}: {text}", flush=True)


def run(
    about: str, module: str, result: str, measure: Measure, arguments: Sequence[str] | None
) -> None:
    """Keep what ``measure`` gives of a task in docs/results/``result``-TASK.json."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("task", choices=[name for name, made in TASKS.items() if made.folds])
    parser.add_argument("--data", default=os.environ.get("THRESH_DATA"), help="folder of the sets")
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    torch.set_num_threads(1)
    try:
        task = TASKS[asked.task](asked.data, fold=asked.fold)
        folder = ROOT / "build" / "exam" / asked.task
        rows = measure(task, asked.fold, asked.seed, folder)
        options = f"--fold {asked.fold} --seed {asked.seed}"
        save(f"{result}-{asked.task}", {
            "task": task.name, "unit": task.unit, "fold": asked.fold, "seed": asked.seed,
            "command": f"python -m {module} {asked.task} {options}", "rows": rows,
        })  # fmt: skip
        training_page.write()
    except (ValueError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(2) from error
