"""Points of a search, evaluated in this process, on processes of this machine, or on a cluster."""

import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from .scoring import Problem, evaluate
from .thresholds import Point

Evaluate = Callable[[Sequence[Point]], Iterator[dict[str, Any]]]
"""Results of points, in the order in which they are done."""

START_TIMEOUT = 60
"""Seconds in which a scheduler must answer."""


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
    from distributed import KilledWorker, as_completed

    with ExitStack() as stack:
        client = stack.enter_context(_client(stack, processes, scheduler))
        shared = client.scatter(problem, broadcast=True, hash=False)

        def run(points: Sequence[Point]) -> Iterator[dict[str, Any]]:
            waiting = [client.submit(evaluate, shared, point, pure=False) for point in points]
            try:
                for done in as_completed(waiting):
                    yield done.result()
            except ModuleNotFoundError as error:
                raise ValueError(
                    f"The cluster's workers lack {error.name}: install the same thresh there"
                ) from error
            except KilledWorker as error:
                raise ValueError(
                    "A worker died several times on one point, perhaps for lack of memory: use "
                    "fewer --processes, or a smaller --limit"
                ) from error
            finally:
                client.cancel(waiting)

        yield run


def _client(stack: ExitStack, processes: int, scheduler: str | None) -> Any:
    from distributed import Client, LocalCluster

    if scheduler is None:
        with _deaf_to_interrupts():
            cluster = stack.enter_context(
                LocalCluster(
                    n_workers=processes,
                    threads_per_worker=1,
                    dashboard_address=None,
                    silence_logs=logging.CRITICAL,
                )
            )
        return Client(cluster)
    try:
        client = Client(scheduler, timeout=START_TIMEOUT)
    except (OSError, ValueError) as error:
        raise ValueError(f"No dask scheduler answers at {scheduler}: {error}") from error
    if not client.scheduler_info()["workers"]:
        client.close()
        raise ValueError(f"The dask scheduler at {scheduler} has no workers")
    return client


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes that are started here leave Ctrl-C to this one."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
