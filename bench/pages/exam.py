"""Exams joined from their pieces, docs/results/exam/*.json, and their tables."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench import results
from thresh.training.exam.piece import Piece, read_piece
from thresh.training.tasks.room import home_of, recipe_of
from thresh.training.tasks.sitting import Sitting, join
from thresh.training.tasks.table import TASKS
from thresh.training.tasks.techniques import TRIED, pair, pairing_of
from thresh.training.trainer.task import Task
from thresh.training.trainer.work import Work

from .markdown import table

Fold = int | None
"""None for the data set's own split."""


def folder() -> Path:
    """Of all pieces."""
    return results.RESULTS / "exam"


def path_of(task: str, fold: Fold, seed: int, sparse: bool = False) -> Path:
    """File of one piece."""
    return folder() / f"{_name(task, sparse)}-{home_of(fold, seed)}.json"


def _name(task: str, sparse: bool) -> str:
    return f"{task}-sparse" if sparse else task


def pieces_of(task: str, *, official: bool = False, sparse: bool = False) -> list[Piece]:
    """Pieces of folds, or of the data set's own split, that are of the task's present recipe."""
    made = TASKS[task]
    if sparse and made.sparse_pairing is None:
        return []
    recipe = recipe_of(made, pair(made, sparse), TRIED)
    part = "own" if official else "fold*"
    paths = sorted(folder().glob(f"{_name(task, sparse)}-{part}-seed*.json"))
    return [piece for piece in map(read_piece, paths) if piece.recipe == recipe]


@dataclass(frozen=True, kw_only=True)
class Exam:
    """Pieces of one kind: a task, a split, columns with zeros or without.

    Parameters
    ----------
    task : str
    official : bool
        Of the data set's own split, not of folds.
    sparse : bool
    pieces : list of Piece
        At least one.
    """

    task: str
    official: bool
    sparse: bool
    pieces: list[Piece]

    @property
    def made(self) -> type[Task]:
        """What its networks do."""
        return TASKS[self.task]

    @property
    def sitting(self) -> Sitting:
        """What the pieces come to."""
        return join(self.pieces, self.made, sparse=self.sparse)

    @property
    def levels(self) -> tuple[float, float]:
        """Thresholds of inputs and states that the delta networks are trained with."""
        *_, delta = pair(self.made, self.sparse)
        return delta.threshold_x, delta.threshold_h

    @property
    def split(self) -> str:
        """For people: which folds, and whether zeros are stored."""
        sat, count = len({piece.fold for piece in self.pieces}), self.made.folds
        folds = f"{count} folds" if sat == count else f"{sat} of {count} folds"
        share = pair(self.made, self.sparse)[-1].sparsity
        zeros = f", {share:.0%} of the weights zero" if share else ""
        return ("own split" if self.official else folds) + zeros


def sat() -> Iterator[Exam]:
    """Every exam that there are pieces of."""
    for task in TASKS:
        for sparse in (False, True):
            for official in (False, True):
                if pieces := pieces_of(task, official=official, sparse=sparse):
                    yield Exam(task=task, official=official, sparse=sparse, pieces=pieces)


def exams() -> str:
    """What every exam comes to, by the rule."""
    rows = []
    for one in sat():
        sitting, pieces = one.sitting, one.pieces
        verdict, whole = sitting.verdict, sitting.whole
        x, h = (sitting.scale * level for level in one.levels)
        few = ", few clusters" if verdict.few else ""
        rows.append([
            one.task, f"{one.split}, {len(pieces)} piece{'s' * (len(pieces) > 1)}",
            f"{one.made.wanted_of(one.sparse):g}",
            f"{x:.3g} / {h:.3g}",
            f"{whole.reduction_of(one.sparse):.1f} ({min(sitting.reductions.values()):.1f})",
            f"{whole.fired_x:.1f} + {whole.fired_h:.1f}",
            f"{verdict.delta:.2f} against {verdict.control:.2f} {one.made.unit}",
            f"{verdict.difference:+.2f} ({verdict.low:+.2f} to {verdict.high:+.2f}), "
            f"{verdict.allowance:.2f} allowed",
            verdict.word + few,
        ])  # fmt: skip
    head = ["task", "tested", "wanted, times", "thresholds x / h",
            "fewer fetches (worst seed), times", "inputs + states a step", "error",
            "difference (95 %)", "verdict"]  # fmt: skip
    return table(head, rows)


def curves() -> str:
    """Every scale on validation, over all pieces; the chosen ones are marked."""
    rows = []
    for one in sat():
        sitting = one.sitting
        for point in sitting.curve:
            work = sum((piece.validation.work[point["scale"]] for piece in one.pieces), Work())
            chosen = " (chosen)" if point["scale"] == sitting.scale else ""
            rows.append([
                one.task, one.split, f"{point['scale']:g}{chosen}", f"{point['reduction']:.1f}",
                f"{work.fired_x:.1f} + {work.fired_h:.1f}", f"{point['error']:.2f}",
                f"{point['difference']:+.2f}",
            ])  # fmt: skip
    head = ["task", "tested", "scale of the thresholds", "fewer fetches, times",
            "inputs + states a step", "error on validation", "difference"]  # fmt: skip
    return table(head, rows)


def command_of(task: str, fold: int, seed: int, tried: dict[str, Any]) -> str:
    """What tries a recipe: it says what the task's present pair has otherwise."""
    sparse = tried["zeros"] > 0 and TASKS[task].sparse_pairing is not None
    own = json.loads(json.dumps(asdict(pairing_of(TASKS[task], sparse))))
    words = ["python -m bench.training.recipes", task, f"--fold {fold} --seed {seed}"]
    words += ["--sparse"] * sparse
    words += [
        f"{name}={json.dumps(tried[name], separators=(',', ':'))}"
        for name, value in own.items()
        if tried[name] != value
    ]
    return " ".join(words)


def recipes() -> str:
    """Recipes that were tried on validation, docs/results/recipes.json.

    Of each the scale with the fewest errors, and that of the thresholds it was trained with.
    """
    rows = []
    for row in results.load("recipes") or []:
        command = command_of(row["task"], row["fold"], row["seed"], row["pairing"])
        best = min(row["points"], key=lambda point: point["difference"])
        trained = next(point for point in row["points"] if point["scale"] == 1)
        zeros = row["pairing"]["zeros"]
        share = f", {zeros:.0%} of the weights zero" if zeros else ""
        for point in (best, trained) if best is not trained else (best,):
            loss = "" if point["loss"] is None else f"{point['loss']:+.3f}"
            rows.append([
                f"{row['task']}, fold {row['fold']}, seed {row['seed']}{share}",
                f"{row['control']:.2f}",
                f"{point['scale']:g}", f"{point['reduction']:.1f}",
                f"{point['fired_x']:.1f} + {point['fired_h']:.1f}",
                f"{point['difference']:+.2f}", loss, f"`{command}`",
            ])  # fmt: skip
    head = ["task", "control's error, %", "scale of the thresholds", "fewer fetches, times",
            "inputs + states a step", "difference, points", "of the cross entropy",
            "command"]  # fmt: skip
    return table(head, rows)


def limits() -> str:
    """Pairs on validation with one threshold moved at a time, docs/results/exam-limits-*.json."""
    rows = []
    for task in TASKS:
        found = results.load(f"exam-limits-{task}") or {"rows": []}
        for row in found["rows"]:
            parts = f"{row['x']:g} / {row['h']:g}" if "x" in row else "-"
            fired = f"{row['fired_x']:.1f} + {row['fired_h']:.1f}"
            rows.append([
                f"{task}, fold {found['fold']}, seed {found['seed']}", row["network"],
                row["arithmetic"], parts, f"{row['error']:.2f} {found['unit']}",
                f"{row['reduction']:.1f}", fired, f"`{found['command']}`",
            ])  # fmt: skip
    head = ["task", "network", "arithmetic", "parts of the thresholds x / h", "error on validation",
            "fewer fetches, times", "inputs + states a step", "command"]  # fmt: skip
    return table(head, rows)


def refractory() -> str:
    """Encoders that rest after they have sent, docs/results/refractory-*.json."""
    rows = []
    for task in TASKS:
        found = results.load(f"refractory-{task}") or {"rows": []}
        rows += [
            [
                f"{task}, fold {found['fold']}, seed {found['seed']}", f"{row['scale']:g}",
                f"{row['rest_x']} / {row['rest_h']}", f"{row['error']:.2f} {found['unit']}",
                f"{row['reduction']:.1f}", f"{row['fired_x']:.1f} + {row['fired_h']:.1f}",
                f"`{found['command']}`",
            ]
            for row in found["rows"]
        ]  # fmt: skip
    head = ["task", "scale of the thresholds", "steps of rest x / h", "error on validation",
            "fewer fetches, times", "inputs + states a step", "command"]  # fmt: skip
    return table(head, rows)


def shipped() -> str:
    """Networks of exams that ship, docs/results/shipped.json."""
    rows = []
    for row in results.load("shipped") or []:
        errors = f"{row['test_error']:.2f} against {row['test_error_plain']:.2f} {row['unit']}"
        rows.append([
            row["file"], f"fold {row['fold']}, seed {row['seed']}", errors,
            f"{row['reduction']:.1f}", f"{row['bytes']:,}", f"{row['frames']:,}",
            f"{row['integers']:,}", f"{row['differ']}", f"`{row['command']}`",
        ])  # fmt: skip
    head = ["file", "of", "error on its test", "fewer fetches, times", "bytes", "frames simulated",
            "integers compared", "differ", "command"]  # fmt: skip
    return table(head, rows)


def costs() -> str:
    """Pieces, and what one takes."""
    rows = []
    for one in sat():
        minutes = [piece.minutes for piece in one.pieces if piece.minutes is not None]
        seeds = sorted({piece.seed for piece in one.pieces})
        ends = (f"{min(minutes):.0f}", f"{max(minutes):.0f}") if minutes else ("-",)
        words = " --official" * one.official + " --sparse" * one.sparse
        rows.append([
            one.task, one.split, f"{len(one.pieces)}", ", ".join(map(str, seeds)),
            " to ".join(dict.fromkeys(ends)), f"`python -m bench.training.exam {one.task}{words}`",
        ])  # fmt: skip
    head = ["task", "tested", "pieces", "seeds", "minutes of a processor each", "command"]
    return table(head, rows)
