"""Files that appear whole, and work that one process does at a time."""

import threading

import pytest
from filelock import FileLock

from thresh.model.files import only_one


def visit(path):
    """Enter in a thread; an event that is set inside."""
    inside = threading.Event()

    def enter():
        with only_one(path):
            inside.set()

    threading.Thread(target=enter, daemon=True).start()
    return inside


def test_the_second_waits_for_the_first(tmp_path):
    path = tmp_path / "new" / "work.lock"
    with only_one(path):
        inside = visit(path)
        assert not inside.wait(0.2)
    assert inside.wait(30)


def test_work_that_fails_lets_the_next_one_in(tmp_path):
    with pytest.raises(ValueError, match="failed"), only_one(tmp_path / "work.lock"):
        raise ValueError("failed")
    assert visit(tmp_path / "work.lock").wait(30)


def test_where_there_are_no_locks_nobody_waits(tmp_path, monkeypatch):
    def none(lock):
        raise NotImplementedError("FileSystem does not appear to support flock")

    monkeypatch.setattr(FileLock, "acquire", none)
    with only_one(tmp_path / "work.lock"):
        assert visit(tmp_path / "work.lock").wait(30)
