"""A whole search over a network's thresholds, what it found, and the network with what it chose."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from thresh.hw.estimates.energy import ESTIMATE
from thresh.model.model_file import ACTIVITY_NOTE
from thresh.model.network import Network

from .journal import Journal
from .measured import measure_activity, with_activity
from .scoring import Problem
from .search import Plan, Update, choose, described, front_of, interval, run_search
from .spread import evaluator
from .thresholds import network_at, point_of

NOTE = "explore"
"""Key of a network's notes that says how its thresholds were chosen."""

STALE = (ACTIVITY_NOTE, "test_accuracy", "reduction", "accuracy")
"""Notes of a network that new thresholds make untrue."""

POINTS = "points.jsonl"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search found.

    Parameters
    ----------
    problem : Problem
    rows : tuple of dict
        Every point as `thresh.tuning.scoring.evaluate` gives it: thresholds of zero first.
    max_loss : float or None
        What the choice was allowed to lose: points of error, or RMS.
    journal : Path or None
        Where the points are kept.
    """

    problem: Problem
    rows: tuple[dict[str, Any], ...]
    max_loss: float | None
    journal: Path | None

    def points(self) -> list[dict[str, Any]]:
        """Every point for people and programs, see `thresh.tuning.search.described`."""
        return [described(self.problem, row, self.rows[0]) for row in self.rows]

    def to_dict(self) -> dict[str, Any]:
        """The front, the points that have a name and the one that was chosen, as JSON."""
        network, base = self.problem.network, self.rows[0]
        own = next(row for row in self.rows if tuple(row["point"]) == point_of(network))
        chosen = None if self.max_loss is None else choose(self.rows, base, self.max_loss)
        counted = self.problem.unit == "%" and network.decision != "ctc"
        best = chosen or own
        return {
            "network": network.name,
            "interval": interval(best["error"], len(self.problem.inputs)) if counted else None,
            "sequences": len(self.problem.inputs),
            "frames": sum(len(item.x) for item in self.problem.inputs),
            "unit": self.problem.unit,
            "points": len(self.rows),
            "max_loss": self.max_loss,
            "energy": ESTIMATE,
            "board_titles": {board.name: board.title for board in self.problem.boards},
            "unthresholded": described(self.problem, base, base),
            "present": described(self.problem, own, base),
            "chosen": None if chosen is None else described(self.problem, chosen, base),
            "front": [
                described(self.problem, self.rows[place], base) for place in front_of(self.rows)
            ],
        }

    def tuned(self, *, source: str, split: str = "all") -> Network:
        """The network with the chosen thresholds, how they were chosen, and its activity there.

        Parameters
        ----------
        source, split : str
            What the search was run on, for that note.

        Raises
        ------
        ValueError
            When nothing was chosen.
        """
        data, network = self.to_dict(), self.problem.network
        if data["chosen"] is None:
            raise ValueError("Nothing was chosen: a search without max_loss only shows the front")
        notes = {name: value for name, value in network.notes.items() if name not in STALE}
        notes[NOTE] = {
            "data": source,
            "split": split,
            **{name: data[name] for name in ("sequences", "unit", "points", "max_loss")},
            **{name: data["chosen"][name] for name in ("error", "loss", "reduction")},
        }
        tuned = replace(network_at(network, tuple(data["chosen"]["integers"])), notes=notes)
        where = source if split == "all" else f"{source}, {split} split"
        sequences = [item.x for item in self.problem.inputs]
        return with_activity(tuned, measure_activity(tuned, sequences, where))


def explore(
    problem: Problem,
    plan: Plan,
    *,
    folder: Path | None = None,
    processes: int | None = 1,
    scheduler: str | None = None,
    update: Update = lambda done, total: None,
) -> Found:
    """Evaluate every point of ``plan`` that is not done yet.

    Parameters
    ----------
    problem : Problem
    plan : Plan
    folder : Path, optional
        Where finished points are kept, so that a search goes on where it stopped.
    processes : int or None
        On this machine; 1 needs no dask, None takes one per core.
    scheduler : str, optional
        Address of a dask scheduler instead.
    update : callable
        Told how many points of how many are done.

    Raises
    ------
    ValueError
        When the scheduler or its workers cannot do the work, the kept points are damaged, or no
        thresholds save fetches within the plan's ``max_loss``.
    """
    journal = Journal(folder / problem.digest / POINTS if folder else None)
    if processes is not None and processes < 1:
        raise ValueError(f"The processes must be at least 1, not {processes}")
    count = processes or os.cpu_count() or 1
    try:
        with evaluator(problem, processes=count, scheduler=scheduler) as evaluate:
            points = run_search(problem, plan, journal, evaluate, update)
    except KeyboardInterrupt as error:
        if journal.path is None:
            raise
        raise KeyboardInterrupt(
            f"{len(journal.points)} points are kept, and the same search goes on from there"
        ) from error
    rows = tuple(journal.points[point] for point in points)
    if plan.max_loss is not None:
        choose(rows, rows[0], plan.max_loss)
    return Found(problem=problem, rows=rows, max_loss=plan.max_loss, journal=journal.path)
