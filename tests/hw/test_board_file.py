"""Boards that a user describes in a file of their own."""

from pathlib import Path

import pytest

from thresh.hw.known_boards import BOARDS, find_board

BEGIN = "from dataclasses import replace\nfrom thresh.hw.known_boards import BOARDS as SHIPPED\n"
OWN = BEGIN + 'BOARDS = [replace(SHIPPED["icebreaker"], name="mine", title="My board")]\n'


def written(tmp_path, text):
    path = tmp_path / "mine.py"
    path.write_text(text)
    return path


def test_a_board_is_found_by_its_name(tmp_path):
    board = find_board("mine", written(tmp_path, OWN))
    assert (board.title, board.geometry) == ("My board", BOARDS["icebreaker"].geometry)
    assert "mine" not in BOARDS


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (OWN, r"board in .*mine\.py must be one of mine, not 'icebreaker'"),
        ("BOARDS = [\n", r"mine\.py, line 1: .* is no Python"),
        ("\nimport nothing_of_that_name\n", r"line 2: ModuleNotFoundError: No module named"),
        ("raise SystemExit\n", r"mine\.py, line 1: SystemExit"),
        ("BOARD = 1\n", r"must set BOARDS to a list of thresh\.hw\.board\.Board, not to nothing"),
        ("BOARDS = [1]\n", r"must set BOARDS to a list .*, not to \[1\]"),
        (OWN.replace('name="mine"', "device=1"), r"line 3: The device of icebreaker must be one"),
        (OWN.replace('name="mine"', "nane=1"), r"line 3: TypeError: .*argument 'nane'"),
        (OWN.replace('name="mine"', 'name="ulx3s-12f"'), "ulx3s-12f is a board that ships"),
        (OWN.replace("mine", "m", 1) + "BOARDS *= 2\n", "describes two boards of one name"),
        (OWN.replace('"mine"', '"mine", clock_hz=1e9'), r"describes mine: .* PLL cannot make 1000"),
        (OWN.replace('"mine"', '"mine", baud=9000000'), "describes mine: 9000000 baud is"),
        ("BOARDS = '\xff'\n", "must set BOARDS"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence(tmp_path, text, sentence):
    with pytest.raises(ValueError, match=sentence) as found:
        find_board("icebreaker", written(tmp_path, text))
    assert "\n" not in str(found.value)


def test_a_file_that_cannot_be_read_is_said(tmp_path):
    with pytest.raises(FileNotFoundError):
        find_board("mine", tmp_path / "none.py")
    with pytest.raises(IsADirectoryError):
        find_board("mine", Path(tmp_path))
    (tmp_path / "b.py").write_bytes(b"BOARDS = '\xff'\n")
    with pytest.raises(ValueError, match=r"b\.py"):
        find_board("mine", tmp_path / "b.py")
