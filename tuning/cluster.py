"""Processes of this machine or of a dask cluster, to which calls of a function are given."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any

from .interrupts import Interrupts, with_deaf_children

START_TIMEOUT = 60
"""Seconds in which a scheduler must answer."""

PATIENCE = 0.2
"""Seconds after which an interrupt is looked for."""


class Workers:
    """A dask cluster that works.

    Parameters
    ----------
    client : distributed.Client
    interrupts : Interrupts
        Looked for while results are waited for.
    """

    def __init__(self, client: Any, interrupts: Interrupts) -> None:
        self._client, self._interrupts = client, interrupts

    def shared(self, value: Any) -> Any:
        """What stands for ``value`` among the arguments of `run`, sent to every worker once."""
        return self._client.scatter(value, broadcast=True, hash=False)

    def run(self, function: Callable[..., Any], calls: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
        """Results of calls of ``function``, in the order in which they are done.

        Raises
        ------
        ValueError
            When the workers cannot do the work.
        """
        from distributed import KilledWorker

        finished: SimpleQueue[Any] = SimpleQueue()
        waiting = [self._client.submit(function, *call, pure=False) for call in calls]
        for future in waiting:
            future.add_done_callback(finished.put)
        try:
            for _ in waiting:
                yield self._next(finished).result()
        except ModuleNotFoundError as error:
            raise ValueError(
                f"The cluster's workers lack {error.name}: install the same thresh there"
            ) from error
        except KilledWorker as error:
            raise ValueError(
                "A worker died several times on one piece of work, perhaps for lack of memory: use "
                "fewer processes, or less data"
            ) from error
        finally:
            self._client.cancel(waiting)

    def _next(self, finished: "SimpleQueue[Any]") -> Any:
        """The next future that is done."""
        while True:
            self._interrupts.check()
            with suppress(Empty):
                return finished.get(timeout=PATIENCE)


@contextmanager
def cluster(*, processes: int = 1, scheduler: str | None = None) -> Iterator[Workers]:
    """Workers, while the context is open.

    Parameters
    ----------
    processes : int
        On this machine, where no scheduler is given.
    scheduler : str or None
        Address of a dask scheduler that is running; its workers need the same thresh.

    Raises
    ------
    ValueError
        When the scheduler does not answer or has no workers.
    """
    with Interrupts() as interrupts, ExitStack() as stack:
        client = stack.enter_context(_client(stack, processes, scheduler))
        interrupts.check()
        yield Workers(client, interrupts)


def _client(stack: ExitStack, processes: int, scheduler: str | None) -> Any:
    from distributed import Client

    if scheduler is None:
        return Client(stack.enter_context(_here(processes)))
    try:
        client = Client(scheduler, timeout=START_TIMEOUT)
    except (OSError, ValueError) as error:
        raise ValueError(f"No dask scheduler answers at {scheduler}: {error}") from error
    if not client.scheduler_info()["workers"]:
        client.close()
        raise ValueError(f"The dask scheduler at {scheduler} has no workers")
    return client


def _here(processes: int) -> Any:
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
