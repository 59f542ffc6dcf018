"""Ctrl-C that waits for a place where work can be left."""

import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import resource_tracker
from types import FrameType
from typing import TypeVar

T = TypeVar("T")

SECOND = 2
"""Interrupts after which nothing is waited for."""


class Interrupts:
    """Interrupts of this process, noted while the context is open and raised by `check`.

    A library that runs its own loop and processes is so never left in the midst of a step. The
    second interrupt is raised at once. Outside the main thread Python tells nobody of interrupts,
    and where they are ignored they stay so.
    """

    def __init__(self) -> None:
        self.noted = 0

    def __enter__(self) -> "Interrupts":
        self._before = signal.getsignal(signal.SIGINT)
        self._listens = (
            threading.current_thread() is threading.main_thread()
            and self._before is not signal.SIG_IGN
        )
        if self._listens:
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *reason: object) -> None:
        if self._listens:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.noted += 1
        if self.noted >= SECOND:
            raise KeyboardInterrupt

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` when there was one."""
        if self.noted:
            raise KeyboardInterrupt


def with_deaf_children(start: Callable[[], T]) -> T:
    """What ``start`` gives, called in a thread whose processes never hear an interrupt.

    They inherit the signals that the thread blocks, as do its threads. This process hears them all
    the while. Where signals cannot be blocked, as on Windows, the processes hear them too.
    """
    if hasattr(signal, "pthread_sigmask"):
        # It unblocks what it blocked when it starts, in the thread that needs it first.
        resource_tracker.ensure_running()
    with ThreadPoolExecutor(1, initializer=_block) as pool:
        return pool.submit(start).result()


def _block() -> None:
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
