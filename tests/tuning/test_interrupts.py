"""Interrupts that are noted, and raised where work can be left."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from thresh.tuning.interrupts import Interrupts, with_deaf_children


@pytest.fixture
def heard():
    """Ctrl-C is heard here, also where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_first_is_raised_where_it_is_looked_for_the_second_at_once(heard):
    with Interrupts() as interrupts:
        interrupts.check()
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_ignored_ones_stay_so_and_other_threads_go_without(heard):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
        interrupts.check()
    found = []

    def work():
        with Interrupts() as interrupts:
            interrupts.check()
            found.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [True]


CHILD = "import sys; print(1, flush=True); sys.stdin.read()"


def child():
    return subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_children_do_not_hear_them(heard):
    with Interrupts():
        started = with_deaf_children(child)
    started.stdout.readline()
    started.send_signal(signal.SIGINT)
    started.communicate(timeout=20)
    assert started.returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_one_that_comes_while_children_start_is_noted(heard):
    def start():
        started = child()
        os.kill(os.getpid(), signal.SIGINT)
        started.communicate(timeout=20)
        return started.returncode

    with Interrupts() as interrupts:
        assert with_deaf_children(start) == 0
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()
