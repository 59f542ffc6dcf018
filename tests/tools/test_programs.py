"""Programs end with the work that started them, and so does all that they have started."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from thresh.tools.programs import Stopped, end_programs, run_program

NESTED = "sleep 60 & echo $! > inner; echo $$ > outer; wait"
"""Starts another program, and notes both."""


@pytest.fixture
def run(tmp_path):
    """Runs a script of the shell in a folder of its own."""

    def run(script, **options):
        log = tmp_path / "log"
        return run_program(["sh", "-c", script], log=log, folder=tmp_path, **options)

    return run


def noted(folder):
    """Processes that `NESTED` has noted, as soon as it has."""
    files = [folder / "inner", folder / "outer"]
    while not all(file.exists() and file.read_text() for file in files):
        time.sleep(0.01)
    return [int(file.read_text()) for file in files]


def gone(processes):
    """Whether all end within some seconds; a process without a parent is a zombie for a while."""
    for _ in range(500):
        if not any(map(runs, processes)):
            return True
        time.sleep(0.01)
    return False


def runs(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_gives_status_and_log(run, tmp_path):
    assert run("echo said; echo wrong >&2; cat; exit 7") == 7
    assert (tmp_path / "log").read_text() == "said\nwrong\n"


def test_takes_another_environment(run, tmp_path):
    assert run("echo $WORD", environment={"WORD": "seven", "PATH": os.defpath}) == 0
    assert (tmp_path / "log").read_text() == "seven\n"


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_what_takes_too_long_ends_with_what_it_has_started(run, tmp_path):
    with pytest.raises(subprocess.TimeoutExpired):
        run(NESTED, seconds=1)
    assert gone(noted(tmp_path))


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_programs_of_other_threads_are_ended(run, tmp_path):
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run, NESTED)
        processes = noted(tmp_path)
        end_programs()
        with pytest.raises(Stopped, match="told to end"):
            running.result()
    assert gone(processes)
    assert run("exit 3") == 3


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_an_interrupt_ends_it(run, tmp_path):
    def interrupt():
        noted(tmp_path)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        run(NESTED)
    assert gone(noted(tmp_path))
