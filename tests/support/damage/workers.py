"""Cases that run in a process of their own, which may take so long and no longer."""

import contextlib
import io
import multiprocessing
import re
import traceback
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

from thresh.cli.main import run
from thresh.model.model_file import load_network
from thresh.model.snapshot import read_snapshot
from thresh.model.text import shown
from thresh.model.untrusted import read_bytes
from thresh.training.user.settings import read_settings
from thresh.tuning.journal import Journal

LIMIT = 300
"""Seconds of one case. The slowest imports a framework first, on a machine that is full of work."""

READERS = {
    "settings": lambda path, places: read_settings(path),
    "snapshot": lambda path, places: read_snapshot(read_bytes(path), load_network(places["model"])),
    "journal": lambda path, places: Journal(path),
}
"""Readers that no command has alone."""


@dataclass(frozen=True)
class Ended:
    """How a case ended: status and texts, or what escaped; and the memory that it took."""

    status: int | None
    out: str = ""
    err: str = ""
    escaped: str = ""
    mebibytes: int = 0


def one_case(command, places):
    """Status and texts of a command with its places filled in."""
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            if command[0] in READERS:
                status = _read(READERS[command[0]], places, err)
            else:
                status = run([word.format(**places) for word in command])
    except BaseException:
        return Ended(None, out.getvalue(), err.getvalue(), traceback.format_exc())
    return Ended(status, out.getvalue(), err.getvalue())


def _read(reader, places, err):
    try:
        reader(places["file"], places)
    except (ValueError, OSError) as error:
        print(f"thresh: {shown(error)}", file=err)
        return 2
    return 0


def _serve(connection):
    warnings.simplefilter("error")
    while (case := connection.recv()) is not None:
        before = _mebibytes("VmRSS")
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here on
        ended = one_case(*case)
        connection.send(replace(ended, mebibytes=_mebibytes("VmHWM") - before))


def _mebibytes(field):
    """Of this process, where the system says it."""
    try:
        return int(re.search(rf"{field}:\s+(\d+)", Path("/proc/self/status").read_text())[1]) >> 10
    except OSError:
        return 0


class Worker:
    """A process that runs one case after the other; one that hangs or dies is replaced."""

    def __enter__(self):
        self._process = None
        return self

    def __exit__(self, *reason):
        self._stop()

    def run(self, command, places):
        """How a case ends."""
        if self._process is None:
            self._start()
        self._connection.send((command, places))
        try:
            if self._connection.poll(LIMIT):
                return self._connection.recv()
            escaped = f"it has not ended after {LIMIT} seconds"
        except EOFError:
            escaped = "it ended its process"
        self._stop()
        return Ended(None, escaped=escaped)

    def _start(self):
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def _stop(self):
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._connection.close()
            self._process = None
