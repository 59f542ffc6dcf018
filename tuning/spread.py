"""Points of a search, evaluated in this process, on processes of this machine, or on a cluster."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .cluster import cluster
from .scoring import Problem, evaluate
from .thresholds import Point

Evaluate = Callable[[Sequence[Point]], Iterator[dict[str, Any]]]
"""Results of points, in the order in which they are done."""


@contextmanager
def evaluator(problem: Problem, *, processes: int, scheduler: str | None) -> Iterator[Evaluate]:
    """A function that evaluates points of ``problem``.

    Parameters
    ----------
    problem : Problem
    processes : int
        On this machine; with 1 in this one, which needs no dask.
    scheduler : str or None
        Address of a dask scheduler that is running; its workers need the same thresh.

    Raises
    ------
    ValueError
        When the scheduler does not answer, or its workers cannot do the work.
    """
    if scheduler is None and processes == 1:
        yield lambda points: (evaluate(problem, point) for point in points)
        return
    with cluster(processes=processes, scheduler=scheduler) as workers:
        shared = workers.shared(problem)
        yield lambda points: workers.run(evaluate, [(shared, point) for point in points])
