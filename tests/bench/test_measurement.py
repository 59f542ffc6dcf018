"""Measurements: a table of cases, rows that are kept, and nothing measured twice."""

import json

import pytest

from bench import results
from bench.cycles import sdram_network, sdram_pins, sparse_columns, sparse_sdram, utilisation
from bench.measurement import Measurement
from bench.software import estimate_time, simulation_speed

PUBLISHED = [
    module.MEASUREMENT
    for module in (
        sdram_network, sdram_pins, sparse_columns, sparse_sdram, utilisation, estimate_time,
        simulation_speed,
    )
]  # fmt: skip


@pytest.fixture
def squares(tmp_path, monkeypatch):
    """Squares of three numbers, and what was measured of them."""
    monkeypatch.setattr(results, "RESULTS", tmp_path)
    measured = []

    def measure(case, folder):
        measured.append(case)
        for power in (1, 2):
            yield {"power": power, "value": case**power}

    def make(**changed):
        return Measurement(
            about="Squares", module="bench.squares", result="squares",
            cases={"two": 2, "three": 3, "five": 5}, measure=measure, say=str, **changed,
        )  # fmt: skip

    return make, measured, tmp_path / "squares.json"


def test_rows_of_every_case_are_kept_a_row_a_line(squares):
    make, measured, path = squares
    make().run([])
    rows = json.loads(path.read_text())
    assert measured == [2, 3, 5]
    assert [row["value"] for row in rows] == [2, 4, 3, 9, 5, 25]
    assert rows[0] == {
        "case": "two", "power": 1, "value": 2, "command": "python -m bench.squares --only two",
    }  # fmt: skip
    assert len(path.read_text().splitlines()) == len(rows) + 2


def test_one_case_takes_the_place_of_its_rows(squares):
    make, measured, path = squares
    make().run([])
    rows = json.loads(path.read_text())
    rows[2]["value"] = rows[3]["value"] = 0
    rows.append(rows[0] | {"case": "seven"})
    path.write_text(json.dumps(rows))
    make().run(["--only", "three"])
    assert [row["value"] for row in json.loads(path.read_text())] == [2, 4, 3, 9, 5, 25]
    assert measured[3:] == [3]


def test_an_unknown_case_is_refused(squares, capsys):
    make, measured, path = squares
    with pytest.raises(SystemExit):
        make().run(["--only", "four"])
    assert "invalid choice: 'four'" in capsys.readouterr().err
    assert not measured
    assert not path.exists()


def test_a_case_of_the_same_key_is_not_measured_again(squares):
    make, measured, path = squares
    keys = {2: "a", 3: "b", 5: "c"}
    one = make(key=lambda case, folder: keys[case])
    one.run([])
    keys[3] = "d"
    one.run([])
    assert measured == [2, 3, 5, 3]
    assert [row["key"] for row in json.loads(path.read_text())] == ["a", "a", "d", "d", "c", "c"]


@pytest.mark.parametrize("one", PUBLISHED, ids=lambda one: one.result)
def test_published_rows_are_of_the_table(one):
    rows = one.rows()
    assert list(dict.fromkeys(row["case"] for row in rows)) == list(one.cases)
    assert {row["command"] for row in rows} == {one.command(name) for name in one.cases}
    assert all(("key" in row) is bool(one.key) for row in rows)


@pytest.mark.parametrize("one", PUBLISHED, ids=lambda one: one.result)
def test_a_command_of_a_row_names_its_module(one):
    module = __import__(one.module, fromlist=["MEASUREMENT"])
    assert module.MEASUREMENT is one
