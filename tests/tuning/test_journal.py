"""The journal of a search: what is kept, and what an interruption leaves."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from thresh.tuning.journal import Journal


def row(*point):
    return {
        "point": list(point), "error": 1.5, "fetches_per_frame": 9.0, "events_per_frame": 2.5,
        "reduction": None, "saturations": 0,
        "boards": {"icebreaker": {"cycles": 5.0, "ideal": 4.0}},
    }  # fmt: skip


def test_points_are_found_again(tmp_path):
    journal = Journal(tmp_path / "a" / "points.jsonl")
    journal.add(row(1, 2))
    journal.add(row(3, 4))
    assert Journal(journal.path).points == {(1, 2): row(1, 2), (3, 4): row(3, 4)}


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_torn_last_line_loses_that_point_only(tmp_path, cut):
    journal = Journal(tmp_path / "points.jsonl")
    journal.add(row(1, 2))
    journal.add(row(3, 4))
    journal.path.write_bytes(journal.path.read_bytes()[:-cut])
    again = Journal(journal.path)
    assert list(again.points) == [(1, 2)]
    again.add(row(5, 6))
    assert list(Journal(journal.path).points) == [(1, 2), (5, 6)]


def test_two_searches_at_once_keep_the_points_of_both(tmp_path):
    path = tmp_path / "points.jsonl"
    one, other = Journal(path), Journal(path)
    one.add(row(1, 2))
    other.add(row(300, 40))
    one.add(row(5, 6))
    other.add(row(7, 8))
    other.add(row(1, 2))
    assert list(Journal(path).points) == [(1, 2), (300, 40), (5, 6), (7, 8)]
    assert set(other.points) == set(Journal(path).points)
    assert set(one.points) == {(1, 2), (300, 40), (5, 6)}


def test_threads_that_add_at_once_lose_nothing(tmp_path):
    path = tmp_path / "points.jsonl"

    def search(number):
        journal = Journal(path)
        for point in range(12):
            journal.add(row(number * 10**number, point))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(search, range(4)))
    assert len(Journal(path).points) == 48


def test_a_file_that_was_deleted_meanwhile_begins_anew(tmp_path):
    journal = Journal(tmp_path / "points.jsonl")
    journal.add(row(1, 2))
    journal.path.unlink()
    journal.add(row(3, 4))
    journal.add(row(5, 6))
    assert list(Journal(journal.path).points) == [(3, 4), (5, 6)]


DAMAGED = ["{}", "no json", "[1]", '{"point": "no"}', "[" * 9999, '{"point": [1], "error": 1e999}']


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_journal_is_refused(tmp_path, text):
    (tmp_path / "points.jsonl").write_text(f"{text}\n")
    with pytest.raises(ValueError, match=r"points\.jsonl is damaged"):
        Journal(tmp_path / "points.jsonl")
