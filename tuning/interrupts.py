"""Ctrl-C that waits for a place where work can be left."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

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

    @contextmanager
    def deaf_children(self) -> Iterator[None]:
        """Processes that are started here never hear an interrupt; nor does this one."""
        if self._listens:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            yield
        finally:
            if self._listens:
                signal.signal(signal.SIGINT, self._note)
