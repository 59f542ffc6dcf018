"""Files that appear whole, and work that one process does at a time."""

import threading

import pytest

from thresh.model.files import only_one

pytest.importorskip("fcntl", reason="this system has no locks")


def test_the_second_waits_for_the_first(tmp_path):
    path, inside = tmp_path / "new" / "work.lock", threading.Event()

    def enter():
        with only_one(path):
            inside.set()

    with only_one(path):
        second = threading.Thread(target=enter)
        second.start()
        assert not inside.wait(0.2)
    assert inside.wait(30)
    second.join()


def test_work_that_fails_lets_the_next_one_in(tmp_path):
    with pytest.raises(ValueError, match="failed"), only_one(tmp_path / "work.lock"):
        raise ValueError("failed")
    with only_one(tmp_path / "work.lock"):
        pass
