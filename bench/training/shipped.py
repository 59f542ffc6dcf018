"""The network of an exam that ships: written to examples/, and simulated on what tests it.

``python -m bench.training.shipped TASK [--sparse] [--data DIR]`` takes the pieces of the task's
exam, and of their delta networks, at the scale of the thresholds that the exam chose, the one with
the fewest errors on the validation of its fold. What is not trained here yet is trained again. The
network must do on the test of its fold what its piece says, and the simulated core every integer of
the golden model. Results: docs/results/shipped.json, a row for each file.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

import thresh
from bench.pages import training as training_page
from bench.pages.exam import Exam, pieces_of
from bench.results import ROOT, keep_row
from thresh.data.inputs import spread
from thresh.model.model_file import save_network
from thresh.training.exam.piece import Piece
from thresh.training.tasks.integers import in_integers
from thresh.training.tasks.room import Room, scaled
from thresh.training.tasks.table import TASKS
from thresh.training.tasks.techniques import pair
from thresh.training.trainer.scoring import Outcome, evaluate

LANES = 8
"""Of the core that is simulated."""

MOST = 60
"""Sequences that are simulated, evenly spread over the test."""


def best_of(exam: Exam, scale: float) -> Piece:
    """The piece whose delta network has the fewest errors on validation."""

    def error(piece: Piece) -> float:
        return float(exam.made.error_of(_sum(piece.validation.delta[scale])))

    return min(exam.pieces, key=error)


def _sum(tallies: Any) -> np.ndarray:
    return np.sum(list(tallies.values()), axis=0)


def ship(exam: Exam, data: str | None, command: str) -> dict[str, Any]:
    """Write the network of an exam, simulate it; its row.

    Raises
    ------
    ValueError
        When it is not what its piece says, or an integer of the gateware differs.
    """
    scale, made, stages = exam.sitting.scale, exam.made, pair(exam.made, exam.sparse)
    piece = best_of(exam, scale)
    task = made(data, fold=piece.fold)
    folder = ROOT / "build" / "exam" / exam.task
    _, delta = Room(lambda fold: task, stages, (), folder, _told).trained(
        task, piece.fold, piece.seed
    )
    network, exact = in_integers(scaled(delta, stages[-1], scale), task)
    items = task.items("test")
    outcome = evaluate(exact, task, items)
    if not np.array_equal(outcome.tallies.sum(axis=0), _sum(piece.test.delta[scale])):
        raise ValueError(
            f"{exam.task}: the network does not do on its test what its piece says, which another "
            f"machine made: remove the piece of fold {piece.fold}, seed {piece.seed}, and make it "
            f"again"
        )
    name = made.model + "-sparse" * exam.sparse
    path = ROOT / "examples" / f"{name}.safetensors"
    notes = _notes(exam, piece, outcome, command)
    save_network(replace(network, name=name, notes=notes), path)
    core = thresh.load(path).compile(lanes=LANES, sparse=exam.sparse)
    with torch.no_grad():
        inputs = [exact.front(torch.from_numpy(one.x)).numpy() for one in spread(items, MOST)]
    found = core.simulate(inputs, engine="compiled", folder=ROOT / "build" / "sim")
    if not found.equal:
        raise ValueError(f"{exam.task}: {found.result.first_difference}")
    result = found.result
    return {
        "file": path.name, "task": exam.task, "fold": piece.fold, "seed": piece.seed,
        "scale": scale, "bytes": path.stat().st_size, "unit": made.unit,
        **{key: notes[key] for key in ("test_error", "test_error_plain", "reduction")},
        "sequences": len(inputs), "frames": result.frames, "integers": result.integers_compared,
        "differ": result.mismatches, "lanes": LANES, "command": command,
    }  # fmt: skip


def _notes(exam: Exam, piece: Piece, outcome: Outcome, command: str) -> dict[str, Any]:
    made = exam.made
    control = float(made.error_of(_sum(piece.test.control)))
    work = outcome.work
    notes = {
        "licence": made.licence, "split": f"fold {piece.fold + 1} of {made.folds}",
        "seed": piece.seed, "inputs": made.inputs_are,
        "unit": made.unit, "test_error": round(outcome.score.error, 4),
        "test_error_plain": round(control, 4),
        "reduction": round(work.reduction_of(exam.sparse), 2), "command": command,
    }  # fmt: skip
    return notes | ({"reduction_dense": round(work.reduction, 2)} if exam.sparse else {})


def _told(fold: int | None, seed: int, stage: str, text: str) -> None:
    print(f"fold {fold}, seed {seed}, {stage}: {text}", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Ship the network of one exam."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=[name for name, made in TASKS.items() if made.folds])
    parser.add_argument("--data", default=os.environ.get("THRESH_DATA"), help="folder of the sets")
    parser.add_argument("--sparse", action="store_true", help="the one with most weights zero")
    asked = parser.parse_args(arguments)
    torch.set_num_threads(1)
    command = f"python -m bench.training.shipped {asked.task}{' --sparse' * asked.sparse}"
    try:
        if not (pieces := pieces_of(asked.task, sparse=asked.sparse)):
            raise ValueError(f"There is no exam of {asked.task} yet: python -m bench.training.exam")
        exam = Exam(task=asked.task, official=False, sparse=asked.sparse, pieces=pieces)
        keep_row("shipped", ship(exam, asked.data, command), ("file",))
    except (ValueError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(2) from error
    training_page.write()


if __name__ == "__main__":
    main()
