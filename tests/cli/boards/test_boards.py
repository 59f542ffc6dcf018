"""`thresh boards`, and `thresh estimate` without a board."""

import json
import re

import pytest
from cli_cases import answer, refusal, small_network

from thresh.cli.main import run
from thresh.hw.known_boards import BOARDS
from thresh.model.model_file import save_network

BOARD_FILE = """
from dataclasses import replace
from thresh.hw.known_boards import BOARDS as SHIPPED

BOARDS = [replace(SHIPPED["icebreaker"], name="mine", title="My board")]
"""


@pytest.fixture
def model(tmp_path):
    """A model file."""
    save_network(small_network(), tmp_path / "m.safetensors")
    return tmp_path / "m.safetensors"


@pytest.fixture
def mine(tmp_path):
    """A board file."""
    (tmp_path / "mine.py").write_text(BOARD_FILE)
    return tmp_path / "mine.py"


def test_lists_every_board_with_device_memory_and_clock(capsys):
    rows = {row["name"]: row for row in answer(capsys, "boards")["boards"]}
    assert list(rows) == list(BOARDS)
    assert rows["icebreaker"]["weight_bytes"] == 128 << 10  # four SPRAM of 32 KiB
    assert rows["ulx3s-85f"]["sdram_bytes"] == 32 << 20
    assert (rows["icepi-zero"]["crystal_mhz"], rows["icepi-zero"]["clock_mhz"]) == (50, 120)
    assert rows["icebreaker"]["price_class"] == "$"


def test_shows_every_board_to_people(capsys):
    assert run(["boards"]) == 0
    text = capsys.readouterr().out
    for board in BOARDS.values():
        assert board.name in text
    assert "None of the boards has been seen at work" in text


@pytest.mark.parametrize("name", BOARDS)
def test_one_board_says_where_its_pins_are(capsys, name):
    board = BOARDS[name]
    data = answer(capsys, "boards", name)
    assert (data["receives"], data["sends"]) == (board.uart.rx.sites, board.uart.tx.sites)
    assert run(["boards", name]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert board.device in text
    assert re.search(
        rf"lanes x pointwise lanes \W*{data['lanes']} x {data['pointwise_lanes']}\b", text
    )
    for pin in board.constants:
        assert f"pin {pin.sites} is held high" in text


def test_says_what_a_board_asks_of_people(capsys):
    assert "solder the jumper OSC" in answer(capsys, "boards", "upduino")["needs"]
    assert answer(capsys, "boards", "icebreaker")["needs"] is None


def test_a_board_of_a_file_is_among_them(capsys, mine):
    names = [row["name"] for row in answer(capsys, "boards", "--board-file", mine)["boards"]]
    assert names == [*BOARDS, "mine"]
    assert answer(capsys, "boards", "mine", "--board-file", mine)["title"] == "My board"


def test_without_a_board_says_which_ones_hold_the_network(capsys, model, mine):
    data = answer(capsys, "estimate", model, "--board-file", mine, "--activity", "0.1")
    assert data["fits"] == [*BOARDS, "mine"]
    one = answer(capsys, "estimate", model, "upduino", "--activity", "0.1")
    row = next(row for row in data["boards"] if row["board"] == "upduino")
    assert row["frames_per_second"] == one["frames_per_second"]
    assert run(["estimate", str(model)]) == 0
    assert "unknown" in capsys.readouterr().out


def test_a_network_that_no_board_holds_is_status_1_with_advice(capsys, tmp_path):
    save_network(small_network(units=900), tmp_path / "m.safetensors")
    assert run(["estimate", str(tmp_path / "m.safetensors"), "--json"]) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["fits"] == []
    assert "does not fit" in captured.err
    assert captured.err.count("\n") == 1


def test_what_needs_a_board_is_refused_without(capsys, model):
    assert "need a BOARD" in refusal(capsys, "estimate", model, "--lanes", "8")


def test_every_command_with_a_board_takes_one_from_a_file(capsys, model, mine, tmp_path):
    from_file = ("--board-file", mine)
    assert answer(capsys, "estimate", model, "mine", *from_file)["board"] == "mine"
    image = answer(capsys, "image", model, "mine", *from_file, "-o", tmp_path / "n.img")
    assert image["board"] == "mine"
    (tmp_path / "t.bin").write_bytes(b"bits")
    flash = answer(capsys, "flash", "mine", *from_file, "--dry-run", "-b", tmp_path / "t.bin")
    assert flash["command"][-1] == str(tmp_path / "t.bin")
    for words in (
        ("estimate", model, "mine"), ("image", model, "mine"), ("build", "mine", model),
        ("flash", "mine", "--dry-run"), ("sim", model, model, "--board", "mine"),
        ("import", model, "--board", "mine"), ("demo", "--board", "mine"),
        ("explore", model, model, "--board", "mine"), ("boards", "mine"),
    ):  # fmt: skip
        assert "'mine'" in refusal(capsys, *words)  # without the file nobody knows it
        text = refusal(capsys, *words, "--board-file", tmp_path / "none.py")
        assert text.endswith("none.py: No such file or directory"), words


def test_a_file_whose_board_is_not_named_is_refused(capsys, model, mine):
    assert "needs a --board" in refusal(capsys, "explore", model, model, "--board-file", mine)
    assert "needs a --board" in refusal(capsys, "import", model, "--board-file", mine)
