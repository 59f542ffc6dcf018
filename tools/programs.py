"""Programs that run beside this one, and end with the work that started them."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

PATIENCE = 5
"""Seconds that a program has to end by itself when it is told to."""

_running: set[subprocess.Popen] = set()
_ended: set[subprocess.Popen] = set()
_lock = threading.Lock()


class Stopped(Exception):
    """Work was told to end before it was done."""


def run_program(
    command: Sequence[str],
    *,
    log: Path,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> int:
    """Run a program to its end; what it prints goes to ``log``, and it reads nothing.

    It hears no interrupt of the terminal: whatever is raised here, as an interrupt is, ends it and
    all that it has started.

    Parameters
    ----------
    command : sequence of str
    log : Path
    folder : Path, optional
        Where it runs.
    environment : dict, optional
        Instead of this process's.
    seconds : float, optional
        That it may take.

    Returns
    -------
    int
        Its exit status.

    Raises
    ------
    Stopped
        When `end_programs` ended it.
    subprocess.TimeoutExpired
        When it took longer.
    """
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=file,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        with attended(process):
            return process.wait(seconds)


@contextlib.contextmanager
def attended(process: subprocess.Popen) -> Iterator[None]:
    """While a process, which leads a session of its own, is waited for; it ends with this.

    Raises
    ------
    Stopped
        When `end_programs` ended it.
    """
    with _lock:
        _running.add(process)
    try:
        yield
    finally:
        with _lock:
            _running.discard(process)
            stopped = process in _ended
            _ended.discard(process)
        end_program(process)
    if stopped:
        raise Stopped("A program was told to end")


def end_programs() -> None:
    """End every process that is `attended` in any thread, which raises `Stopped` there."""
    with _lock:
        ending = list(_running)
        _ended.update(ending)
    for process in ending:
        end_program(process)


def end_program(process: subprocess.Popen) -> None:
    """End a process that leads a session of its own, and all that it has started."""
    if process.poll() is not None:
        return
    if os.name == "nt":  # which has no groups of processes, but knows who started whom
        words = ["taskkill", "/f", "/t", "/pid", str(process.pid)]
        subprocess.run(words, capture_output=True, check=False)
        process.wait()
        return
    with contextlib.suppress(ProcessLookupError):  # it has just ended
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
