"""Try a recipe before an exam is held by it: settings in, what they come to on validation out.

``python -m bench.training.recipes TASK [--fold 0] [--seed 1] [--sparse] [NAME=VALUE ...]`` trains
the pair of a fold with other values, in JSON, of its `thresh.training.trainer.pairing.Pairing`, as
``thresholds=[0.4,0.3] epochs=32``, and runs it at parts of its thresholds. The start and a control
that are those of the exam are taken from there. The test is not read. An interrupted training is
gone on with. Results: docs/results/recipes.json, a row for each recipe, with all of its settings:
another recipe of the exam changes the command of a row, not the row.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter, ValidationError

from bench.pages import training as training_page
from bench.results import ROOT, keep_row
from thresh.training.tasks.room import Room, files_of, recipe_of, scaled
from thresh.training.tasks.table import TASKS
from thresh.training.tasks.techniques import paired, pairing_of
from thresh.training.trainer.pairing import Pairing
from thresh.training.trainer.scoring import evaluate
from thresh.training.trainer.stage import Stage
from thresh.training.trainer.task import Task

SCALES = (0.6, 0.7, 0.77, 0.84, 0.92, 1.0, 1.09)
"""Parts of the thresholds that a recipe is tried at."""

KEY = ("task", "fold", "seed", "pairing")
"""What a row is known by."""


def setting(text: str) -> tuple[str, Any]:
    """Name and value of ``NAME=VALUE``.

    Raises
    ------
    ValueError
        When it is none, or a pair has no such setting.
    """
    name, _, value = text.partition("=")
    known = [field.name for field in fields(Pairing)]
    if name not in known:
        raise ValueError(f"A setting is one of {', '.join(known)}, as epochs=32, not {text!r}")
    try:
        return name, json.loads(value)
    except ValueError as error:
        raise ValueError(f"The value of {name} must be JSON, as 32 or [0.4,0.3]: {text}") from error


def changed(own: Pairing, settings: dict[str, Any]) -> Pairing:
    """A pairing with other values.

    Raises
    ------
    ValueError
        When one is not of its type.
    """
    try:
        return TypeAdapter(Pairing).validate_python(asdict(own) | settings)
    except ValidationError as error:
        wrong = error.errors()[0]
        place = ".".join(map(str, wrong["loc"]))
        raise ValueError(f"{place} = {wrong['input']!r}: {wrong['msg'].lower()}") from error


def checkpoints(task: Task, stages: tuple[Stage, ...]) -> tuple[str, ...]:
    """Names of a recipe's checkpoints; its control is the exam's where both are trained alike."""
    name = f"tried-{recipe_of(task, stages, SCALES)}"
    control, *_ = files_of(stages)
    return control, *(f"{name}-{place}.pt" for place in range(1, len(stages)))


def measure(
    task: Task, own: Pairing, fold: int, seed: int, folder: Path
) -> tuple[float, list[dict[str, Any]]]:
    """The control's error on validation, and the delta network at every scale."""
    stages = paired(task, own)

    def told(fold: int | None, seed: int, stage: str, text: str) -> None:
        print(f"{task.name}, fold {fold}, seed {seed}, {stage}: {text}", flush=True)

    room = Room(lambda fold: task, stages, SCALES, folder, told, checkpoints(task, stages))
    control, delta = room.trained(task, fold, seed)
    items = task.items("validation")
    plain = evaluate(control, task, items).score
    points = []
    for scale in SCALES:
        found = evaluate(scaled(delta, stages[-1], scale), task, items)
        points.append({
            "scale": scale, "difference": found.score.error - plain.error,
            "loss": None if plain.loss is None else found.score.loss - plain.loss,
            "reduction": found.work.reduction_of(own.zeros > 0),
            "fired_x": found.work.fired_x, "fired_h": found.work.fired_h,
        })  # fmt: skip
    return plain.error, points


def main(arguments: Sequence[str] | None = None) -> None:
    """Try one recipe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=[name for name, made in TASKS.items() if made.folds])
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE")
    parser.add_argument("--data", default=os.environ.get("THRESH_DATA"), help="folder of the sets")
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sparse", action="store_true", help="from the pair with sparse columns")
    asked = parser.parse_intermixed_args(arguments)
    torch.set_num_threads(1)
    try:
        made = TASKS[asked.task]
        own = changed(pairing_of(made, asked.sparse), dict(map(setting, asked.settings)))
        task = made(asked.data, fold=asked.fold)
        folder = ROOT / "build" / "exam" / asked.task
        error, points = measure(task, own, asked.fold, asked.seed, folder)
    except (ValueError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(2) from error
    pairing = json.loads(json.dumps(asdict(own)))
    row = {
        "task": asked.task, "fold": asked.fold, "seed": asked.seed, "pairing": pairing,
        "control": error, "points": points,
    }  # fmt: skip
    keep_row("recipes", row, KEY)
    training_page.write()


if __name__ == "__main__":
    main()
