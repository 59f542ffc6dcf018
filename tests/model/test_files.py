"""Files that appear whole, and work that one process does at a time."""

import errno
import os
import threading

import pytest
from filelock import FileLock

from thresh.model.files import only_one, write_atomically


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


def test_a_disk_that_fills_up_names_the_file_and_keeps_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "a.img"
    write_atomically(path, b"old")

    def full(handle, mode):
        os.close(handle)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fdopen", full)
    with pytest.raises(OSError, match="No space left on device") as caught:
        write_atomically(path, b"new")
    assert caught.value.filename == str(path)
    assert [one.name for one in tmp_path.iterdir()] == ["a.img"]
    assert path.read_bytes() == b"old"
