"""Points of a search, evaluated in this process, on processes of this machine, or on a cluster."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any

from .interrupts import Interrupts, with_deaf_children
from .scoring import Problem, evaluate
from .thresholds import Point

Evaluate = Callable[[Sequence[Point]], Iterator[dict[str, Any]]]
"""Results of points, in the order in which they are done."""

START_TIMEOUT = 60
"""Seconds in which a scheduler must answer."""

PATIENCE = 0.2
"""Seconds after which an interrupt is looked for."""


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
    from distributed import KilledWorker

    with Interrupts() as interrupts, ExitStack() as stack:
        client = stack.enter_context(_client(stack, processes, scheduler))
        interrupts.check()
        shared = client.scatter(problem, broadcast=True, hash=False)

        def run(points: Sequence[Point]) -> Iterator[dict[str, Any]]:
            finished: SimpleQueue[Any] = SimpleQueue()
            waiting = [client.submit(evaluate, shared, point, pure=False) for point in points]
            for future in waiting:
                future.add_done_callback(finished.put)
            try:
                for _ in waiting:
                    yield _next(finished, interrupts).result()
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


def _next(finished: "SimpleQueue[Any]", interrupts: Interrupts) -> Any:
    """The next future that is done."""
    while True:
        interrupts.check()
        with suppress(Empty):
            return finished.get(timeout=PATIENCE)


def _client(stack: ExitStack, processes: int, scheduler: str | None) -> Any:
    from distributed import Client

    if scheduler is None:
        return Client(stack.enter_context(_cluster(processes)))
    try:
        client = Client(scheduler, timeout=START_TIMEOUT)
    except (OSError, ValueError) as error:
        raise ValueError(f"No dask scheduler answers at {scheduler}: {error}") from error
    if not client.scheduler_info()["workers"]:
        client.close()
        raise ValueError(f"The dask scheduler at {scheduler} has no workers")
    return client


def _cluster(processes: int) -> Any:
    """A cluster on this machine, whose processes leave interrupts to this one."""
    from distributed import LocalCluster

    return with_deaf_children(
        lambda: LocalCluster(
            n_workers=processes,
            threads_per_worker=1,
            dashboard_address=None,
            silence_logs=logging.CRITICAL + 1,
        )
    )
