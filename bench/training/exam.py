"""Pieces of a task's exam: pairs of networks, each on one fold and with one seed.

``python -m bench.training.exam TASK --folds 2 --seeds 1 [--data DIR]`` trains a control and a delta
network alike, tries them at every scale of the thresholds, on validation and in integers on test,
and writes docs/results/exam/TASK-fold2-seed1.json. ``--official`` takes the data set's own split
instead of folds, ``--sparse`` makes most of the delta network's weights zero. A piece that is there
already is left alone; an interrupted one goes on from its last epoch. ``python -m
bench.pages.training`` joins all pieces and says what the rule says of them.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from bench.pages.exam import Fold, path_of
from bench.results import ROOT
from thresh.model.files import write_atomically
from thresh.training.exam.piece import read_piece
from thresh.training.tasks.room import START, Room, files_of, home_of, recipe_of
from thresh.training.tasks.table import TASKS
from thresh.training.tasks.techniques import TRIED, pair
from thresh.training.tasks.unit import Unit

from .spread import scheduler_option, train_elsewhere

SEEDS = (1, 2, 3)


def missing(
    name: str, folds: Sequence[Fold], seeds: Sequence[int], sparse: bool = False
) -> list[tuple[Fold, int]]:
    """Pairs of the present recipe that are no pieces yet.

    Raises
    ------
    ValueError
        When the task has no such fold, or no pair with sparse columns.
    """
    make = TASKS[name]
    if not make.folds and tuple(folds) != (None,):
        raise ValueError(f"The task {name} has too little for folds: ask for --official")
    if wrong := [fold for fold in folds if fold is not None and not 0 <= fold < make.folds]:
        raise ValueError(f"The fold must be 0 to {make.folds - 1}, not {wrong[0]!r}")
    recipe = recipe_of(make, pair(make, sparse), TRIED)
    found = []
    for fold in folds:
        for seed in seeds:
            path = path_of(name, fold, seed, sparse)
            if not path.exists() or read_piece(path).recipe != recipe:
                found.append((fold, seed))
    return found


def units(
    name: str, data: str | None, wanted: Sequence[tuple[Fold, int]], sparse: bool = False
) -> list[Unit]:
    """Every training that pieces need."""
    found = []
    for fold, seed in wanted:
        home = home_of(fold, seed)
        start = Unit(task=name, data=data, fold=fold, seed=seed, start=f"{home}/{START}",
                     checkpoint=f"{home}/{START}")  # fmt: skip
        stages = pair(TASKS[name], sparse)
        after = [
            replace(start, stage=stage, checkpoint=f"{home}/{file}")
            for file, stage in zip(files_of(stages), stages, strict=True)
        ]
        control, delta = after[0], replace(after[1], teacher=after[0])
        found += [start, control, delta]
        found += [replace(last, before=delta, teacher=control) for last in after[2:]]
    return found


def make_pieces(
    name: str, data: str | None, folder: Path, wanted: Sequence[tuple[Fold, int]],
    sparse: bool = False,
) -> None:  # fmt: skip
    """Train what is missing in ``folder``, and write every piece as it is done."""
    kept: dict[Fold, Any] = {}

    def task_of(fold: Fold) -> Any:
        if fold not in kept:
            kept.clear()
            kept[fold] = TASKS[name](data) if fold is None else TASKS[name](data, fold=fold)
        return kept[fold]

    def report(fold: Fold, seed: int, stage: str, text: str) -> None:
        print(f"{name}, {home_of(fold, seed)}, {stage}: {text}", flush=True)

    room = Room(task_of, pair(TASKS[name], sparse), TRIED, folder, report)
    for fold, seed in wanted:
        split = "--official" if fold is None else f"--folds {fold}"
        command = f"python -m bench.training.exam {name} {split} --seeds {seed}"
        command += " --sparse" * sparse
        path = path_of(name, fold, seed, sparse)
        write_atomically(path, room.piece(fold, seed, command).to_json())
        print(f"{path.name}: made", flush=True)


def numbers(text: str) -> tuple[int, ...]:
    """Of a list with commas."""
    return tuple(map(int, text.split(",")))


def main(arguments: list[str] | None = None) -> None:
    """Make the pieces that are asked for and missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--data", default=os.environ.get("THRESH_DATA"), help="folder of the sets")
    parser.add_argument("--folds", type=numbers, help="folds that are sat; all of them")
    parser.add_argument("--seeds", type=numbers, default=SEEDS)
    parser.add_argument("--official", action="store_true", help="the data set's own split")
    parser.add_argument("--sparse", action="store_true", help="most weights zero")
    scheduler_option(parser)
    asked = parser.parse_args(arguments)
    torch.set_num_threads(1)
    folds = (None,) if asked.official else asked.folds or tuple(range(TASKS[asked.task].folds))
    folder = ROOT / "build" / "exam" / asked.task
    try:
        wanted = missing(asked.task, folds, asked.seeds, asked.sparse)
        if asked.scheduler:
            far = units(asked.task, asked.data, wanted, asked.sparse)
            train_elsewhere(far, folder, asked.scheduler)
        make_pieces(asked.task, asked.data, folder, wanted, asked.sparse)
    except (ValueError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(2) from error


if __name__ == "__main__":
    main()
