"""Exams joined from their pieces, docs/results/exam/*.json, and their tables."""

from pathlib import Path

from bench import results
from thresh.training.exam.piece import Piece, read_piece
from thresh.training.tasks.room import home_of, recipe_of
from thresh.training.tasks.sitting import Sitting, join
from thresh.training.tasks.table import TASKS
from thresh.training.tasks.techniques import TRIED, pair
from thresh.training.trainer.work import Work

from .markdown import table

Fold = int | None
"""None for the data set's own split."""


def folder() -> Path:
    """Of all pieces."""
    return results.RESULTS / "exam"


def path_of(task: str, fold: Fold, seed: int) -> Path:
    """File of one piece."""
    return folder() / f"{task}-{home_of(fold, seed)}.json"


def pieces_of(task: str, official: bool = False) -> list[Piece]:
    """Pieces of folds, or of the data set's own split, that are of the task's present recipe."""
    recipe = recipe_of(TASKS[task], pair(TASKS[task]), TRIED)
    part = "own" if official else "fold*"
    found = [read_piece(path) for path in sorted(folder().glob(f"{task}-{part}-seed*.json"))]
    return [piece for piece in found if piece.recipe == recipe]


def joined(task: str) -> list[tuple[str, list[Piece], Sitting]]:
    """Each split that pieces are of: its name, them, and what they come to."""
    made = TASKS[task]
    found = ((pieces_of(task, official), official) for official in (False, True))
    return [
        ("own split" if official else _folds(pieces, made.folds), pieces, join(pieces, made))
        for pieces, official in found
        if pieces
    ]


def _folds(pieces: list[Piece], count: int) -> str:
    """How many folds there are pieces of."""
    sat = len({piece.fold for piece in pieces})
    return f"{count} folds" if sat == count else f"{sat} of {count} folds"


def exams() -> str:
    """What every exam comes to, by the rule."""
    rows = []
    for task, made in TASKS.items():
        for split, pieces, sitting in joined(task):
            verdict, whole = sitting.verdict, sitting.whole
            x, h = (sitting.scale * level for level in levels(task))
            few = ", few clusters" if verdict.few else ""
            least = min(work.reduction for work in sitting.work.values())
            of = f"{split}, {len(pieces)} piece{'s' * (len(pieces) > 1)}"
            rows.append([
                task, of, f"{x:.3g} / {h:.3g}",
                f"{whole.reduction:.1f} ({least:.1f})",
                f"{whole.fired_x:.1f} + {whole.fired_h:.1f}",
                f"{verdict.delta:.2f} against {verdict.control:.2f} {made.unit}",
                f"{verdict.difference:+.2f} ({verdict.low:+.2f} to {verdict.high:+.2f}), "
                f"{verdict.allowance:.2f} allowed",
                verdict.word + few,
            ])  # fmt: skip
    head = ["task", "tested", "thresholds x / h", "fewer fetches (worst seed), times",
            "inputs + states a step", "error", "difference (95 %)", "verdict"]  # fmt: skip
    return table(head, rows)


def levels(task: str) -> tuple[float, float]:
    """Thresholds of inputs and states that a task's pairs are trained with."""
    *_, delta = pair(TASKS[task])
    return delta.threshold_x, delta.threshold_h


def curves() -> str:
    """Every scale on validation, over all pieces; the chosen ones are marked."""
    rows = []
    for task in TASKS:
        for split, pieces, sitting in joined(task):
            for point in sitting.curve:
                work = sum((piece.validation.work[point["scale"]] for piece in pieces), Work())
                chosen = " (chosen)" if point["scale"] == sitting.scale else ""
                rows.append([
                    task, split, f"{point['scale']:g}{chosen}", f"{point['reduction']:.1f}",
                    f"{work.fired_x:.1f} + {work.fired_h:.1f}", f"{point['error']:.2f}",
                    f"{point['difference']:+.2f}",
                ])  # fmt: skip
    head = ["task", "tested", "scale of the thresholds", "fewer fetches, times",
            "inputs + states a step", "error on validation", "difference"]  # fmt: skip
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


def costs() -> str:
    """Pieces, and what one takes."""
    rows = []
    for task in TASKS:
        pieces = [piece for official in (False, True) for piece in pieces_of(task, official)]
        minutes = [piece.minutes for piece in pieces if piece.minutes is not None]
        if pieces:
            seeds = sorted({piece.seed for piece in pieces})
            ends = (f"{min(minutes):.0f}", f"{max(minutes):.0f}") if minutes else ("-",)
            took = " to ".join(dict.fromkeys(ends))
            rows.append([task, f"{len(pieces)}", ", ".join(map(str, seeds)), took,
                         f"`python -m bench.training.exam {task}`"])  # fmt: skip
    return table(["task", "pieces", "seeds", "minutes of a processor each", "command"], rows)
