"""Chains of steps run side by side, and end together when one fails or is interrupted."""

import json
import os
import signal
import sys
import threading
import time

import pytest

from thresh.progress import Steps, side_by_side
from thresh.tools.programs import run_program


@pytest.fixture
def run():
    """Runs chains; what was said, in order, stays in its list."""

    def run(*chains):
        return side_by_side(chains, lambda name: lambda done, total: None, said)

    def said(name, result, seconds):
        assert seconds >= 0
        run.said.append((name, result))

    run.said = []
    return run


def test_chains_run_side_by_side_and_their_steps_in_order(run):
    first, second = threading.Event(), threading.Event()

    def begin(update):
        first.set()
        assert second.wait(10)
        return "1"

    def answer(update):
        assert first.wait(10)
        second.set()
        return "2"

    steps = run({"begin": begin, "end": lambda update: "3"}, {"answer": answer})
    assert [(step["name"], step["result"]) for step in steps] == [
        ("begin", "1"), ("end", "3"), ("answer", "2"),
    ]  # fmt: skip
    assert sorted(run.said) == [("answer", "2"), ("begin", "1"), ("end", "3")]
    assert run.said.index(("begin", "1")) < run.said.index(("end", "3"))


def test_the_work_of_programs_is_counted(tmp_path):
    class Line(Steps):
        DATA = "data.json"
        equal = True

        def stages(self):
            return [[{"spin": spins}], [{"sleep": lambda update: time.sleep(1) or "slept"}]]

        def write_page(self):
            return self.folder / "page.html"

    def spins(update):
        busy = "import time\nwhile time.process_time() < 0.5: pass"
        run_program([sys.executable, "-c", busy], log=tmp_path / "log")
        return "spun"

    data = Line(folder=tmp_path).run("nothing", lambda *words: None)
    assert 0.5 <= data["processor_seconds"] < 1.4
    assert json.loads((tmp_path / "data.json").read_text())["processor_seconds"] >= 0.5


def works(update):
    """Work that tells its progress and never ends by itself."""
    for count in range(100_000):
        update(count, 100_000)
        time.sleep(0.01)
    return "never"


def runs_a_program(folder):
    """A step whose program takes a minute."""

    def step(update):
        run_program(["sleep", "60"], log=folder / "log")
        return "never"

    return step


def fails(update):
    time.sleep(0.3)
    raise ValueError("no such bel")


def test_an_error_ends_the_other_chains_and_is_what_is_raised(run, tmp_path):
    start = time.monotonic()
    with pytest.raises(ValueError, match="no such bel"):
        run({"a": works}, {"b": runs_a_program(tmp_path), "c": works}, {"d": fails})
    assert time.monotonic() - start < 20
    assert run.said == []


def test_an_interrupt_ends_all(run, tmp_path):
    def interrupt(update):
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)
        return works(update)

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run({"a": interrupt}, {"b": runs_a_program(tmp_path), "c": works})
    assert time.monotonic() - start < 20


def test_a_chain_that_was_stopped_begins_no_further_step(run):
    begun = []

    def last(update):
        time.sleep(1)
        return "done"

    def further(update):
        begun.append(True)
        return "never"

    with pytest.raises(ValueError, match="no such bel"):
        run({"a": last, "b": further}, {"c": fails})
    assert run.said == [("a", "done")]
    assert not begun
