"""Tables of words: what three seeds come to stands beside what each does."""

import pytest

from bench.pages import hearing


def point(missed, false, hours=2.0, words=100):
    return {
        "missed": missed, "words": words, "misses": missed / words, "false_accepts": false,
        "misses_interval_95": [0.01, 0.25], "hours": hours, "false_per_hour": false / hours,
        "false_per_hour_limit_95": 4.2,
    }  # fmt: skip


def kind(missed, false):
    each = {str(seed): point(missed, false) for seed in (1, 2, 3)}
    whole = point(3 * missed, 3 * false, 6.0, 300)
    return {
        **whole, "by_seed": each, "elsewhere": whole, "half_the_rate": whole,
        "one_threshold": [whole] * 3,
    }  # fmt: skip


@pytest.fixture
def lines(monkeypatch):
    result = {
        **kind(3, 1), "control": kind(2, 2),
        "shipped": {"seed": 2, "of_earlier_training": True, **point(1, 0)},
        "difference": {
            "misses": 0.01, "misses_interval_95": [-0.02, 0.04],
            "false_per_hour": -0.5, "false_per_hour_interval_95": [-1.0, 0.25],
        },
    }  # fmt: skip
    monkeypatch.setattr(hearing, "load", lambda name: result)
    rows = [line.strip("| ").split(" | ") for line in hearing.wake().splitlines()[2:]]
    return [[cell.strip() for cell in row] for row in rows]


def test_every_seed_stands_beside_all(lines):
    own = [row for row in lines if row[:2] == ["as recorded", "delta, int8"]]
    assert [row[2] for row in own] == ["1", "2", "3", "1, 2, 3"]
    assert [row[3] for row in own] == ["3 of 100"] * 3 + ["9 of 300"]
    assert [row[6] for row in own] == ["2.00"] * 3 + ["3 times 2.00"]


def test_the_difference_has_its_intervals(lines):
    (row,) = [row for row in lines if row[1] == "delta less control"]
    assert "+1.0 (-2.0 to +4.0)" in row
    assert "-0.50 (-1.00 to +0.25)" in row


def test_the_network_that_ships_has_its_seed(lines):
    (row,) = [row for row in lines if row[0].startswith("the fold")]
    assert row[2:4] == ["2, trained earlier", "1 of 100"]


def test_without_a_control_it_is_the_table_of_one_seed(monkeypatch):
    result = {**kind(3, 1), "folds": 5, "by_fold": [point(1, 0)]}
    monkeypatch.setattr(hearing, "load", lambda name: result)
    assert "all 5 folds, as recorded" in hearing.wake_again()
