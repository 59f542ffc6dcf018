"""A search over thresholds: a grid, then points around the Pareto front; what is done is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from thresh.hw.estimates.energy import frame_energy
from thresh.hw.estimates.fit import board_geometry_for

from .journal import Journal
from .scoring import Problem
from .spread import Evaluate
from .thresholds import Point, deviations, grid, neighbours, pareto, point_of, reals

NEAR = 1.1
"""Fetches that count as the same, of the fewest."""

Update = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How far a search goes.

    Parameters
    ----------
    levels : int
        Of the grid, for the inputs and for the layers; at least 3.
    rounds : int
        How often the neighbours of the front are tried, ever nearer.
    max_loss : float or None
        Only the front's points up to twice this loss are refined; None for those in its better
        half.
    """

    levels: int = 8
    rounds: int = 2
    max_loss: float | None = None

    def __post_init__(self) -> None:
        if self.levels < 3:
            raise ValueError(f"A search needs at least 3 levels, not {self.levels}")
        if self.rounds < 0:
            raise ValueError(f"The rounds must be 0 or more, not {self.rounds}")


def run_search(
    problem: Problem, plan: Plan, journal: Journal, evaluate: Evaluate, update: Update
) -> list[Point]:
    """Evaluate every point of ``plan`` that ``journal`` lacks; the points, in order of trial.

    Parameters
    ----------
    problem : Problem
    plan : Plan
    journal : Journal
    evaluate : callable
        From `thresh.tuning.spread.evaluator`.
    update : callable
        Told how many points of how many are done.
    """
    network = problem.network
    zero = (0,) * len(point_of(network))
    scales = deviations(network, [item.x for item in problem.inputs])
    tried = dict.fromkeys([zero, point_of(network), *grid(network, scales, plan.levels)])
    _finish(list(tried), journal, evaluate, update)
    for turn in range(1, plan.rounds + 1):
        front = _worth(journal, list(tried), zero, plan.max_loss)
        fresh = neighbours(network, scales, front, plan.levels, turn)
        tried |= dict.fromkeys(fresh)
        _finish(list(tried), journal, evaluate, update)
    return list(tried)


def _finish(points: Sequence[Point], journal: Journal, evaluate: Evaluate, update: Update) -> None:
    missing = [point for point in points if point not in journal.points]
    done = len(points) - len(missing)
    update(done, len(points))
    results = evaluate(missing)
    for row in results:
        journal.add(row)
        done += 1
        update(done, len(points))


def _worth(
    journal: Journal, points: Sequence[Point], zero: Point, max_loss: float | None
) -> list[Point]:
    """Points of the front that are worth refining."""
    rows = [journal.points[point] for point in points]
    base = journal.points[zero]["error"]
    limit = base + 2 * max_loss if max_loss is not None else None
    if limit is None:
        limit = (min(row["error"] for row in rows) + max(row["error"] for row in rows)) / 2
    front = [points[place] for place in front_of(rows)]
    return [point for point in front if journal.points[point]["error"] <= limit]


def front_of(rows: Sequence[dict[str, Any]]) -> list[int]:
    """Places of the Pareto front of error and fetches, from most fetches to fewest."""
    front = pareto([(row["error"], row["fetches_per_frame"]) for row in rows])
    return front


def choose(rows: Sequence[dict[str, Any]], base: dict[str, Any], max_loss: float) -> dict[str, Any]:
    """The best row of about the fewest fetches that lose at most ``max_loss`` over ``base``.

    Errors of a few sequences are noisy, fetches are not: of the rows that cost at most `NEAR` times
    the fewest fetches, the one of the least error is taken.

    Raises
    ------
    ValueError
        When none does, but for ``base`` itself.
    """
    fit = [row for row in rows if row["error"] <= base["error"] + max_loss + 1e-9]
    best = min(fit, key=lambda row: (row["fetches_per_frame"], row["error"]), default=None)
    if best is None or best["fetches_per_frame"] >= base["fetches_per_frame"]:
        others = [row["error"] - base["error"] for row in rows if row["point"] != base["point"]]
        raise ValueError(
            f"No thresholds save fetches and lose at most {max_loss:g}: the least that was lost "
            f"is {min(others, default=0):.3g}; allow more, or train with thresholds"
        )
    near = [row for row in fit if row["fetches_per_frame"] <= NEAR * best["fetches_per_frame"]]
    near = [row for row in near if row["fetches_per_frame"] < base["fetches_per_frame"]]
    return min(near, key=lambda row: (row["error"], row["fetches_per_frame"]))


def interval(error: float, sequences: int) -> tuple[float, float]:
    """95 % of an error rate in per cent, as so many sequences know it: Wilson's interval."""
    share, square = error / 100, 1.96**2
    centre = share + square / (2 * sequences)
    reach = 1.96 * np.sqrt(share * (1 - share) / sequences + square / (4 * sequences**2))
    low, high = ((centre + sign * reach) / (1 + square / sequences) for sign in (-1, 1))
    return max(0.0, 100 * float(low)), min(100.0, 100 * float(high))


def described(problem: Problem, row: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    """A row of the journal for people and programs: real thresholds, loss, time and energy."""
    network = problem.network
    values = reals(network, tuple(row["point"]))
    boards = {}
    for board in problem.boards:
        cost = row["boards"][board.name]
        energy = frame_energy(board, board_geometry_for(network, board), **cost)
        boards[board.name] = {
            "cycles_per_frame": cost["cycles"],
            "microseconds_per_frame": cost["cycles"] / board.clock_hz * 1e6,
            "energy_estimate_microjoules": None if energy is None else energy * 1e6,
        }
    return {
        "threshold_x": values[0],
        "threshold_h": values[1:],
        "integers": row["point"],
        "error": row["error"],
        "loss": row["error"] - base["error"],
        "fetches_per_frame": row["fetches_per_frame"],
        "reduction": row["reduction"],
        "events_per_frame": row["events_per_frame"],
        "saturations": row["saturations"],
        "boards": boards,
    }
