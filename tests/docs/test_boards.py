"""docs/boards.md: the board of one's own that it shows is built and written as it says."""

import re
import shlex
from pathlib import Path

import pytest
from run_text import bench

from bench.hardware.board_pins import Echo
from thresh.cli.main import run
from thresh.hw.families import FAMILIES
from thresh.hw.flow.build import generate
from thresh.hw.flow.flash import flash
from thresh.hw.known_boards import BOARDS, find_board

TEXT = (Path(__file__).parent.parent.parent / "docs" / "boards.md").read_text()
EXAMPLE = re.search("```python\n(.*?)```", TEXT, re.S)[1]
COMMANDS = [
    shlex.split(line)[1:] for line in re.findall("^    (thresh .*--board-file.*)$", TEXT, re.M)
]


@pytest.fixture
def carrier(tmp_path, monkeypatch):
    """The example as a file, in a folder that has the other examples."""
    board_file = tmp_path / "carrier.py"
    board_file.write_text(EXAMPLE)
    with bench(tmp_path, monkeypatch, BOARDS["icebreaker"].geometry):
        yield board_file


def test_the_example_s_pins_are_the_design_s(carrier):
    files = generate(find_board("carrier", carrier), Echo())
    for line in ("clk16_0__io 35", "uart_0__rx__io 26", "uart_0__tx__io 25",
                 "light_loaded_0__io 40", "light_fired_0__io 39", "radio_0__io 12"):  # fmt: skip
        assert f"set_io {line}\n" in files["pcf"]
    assert "set_frequency clock.clock 45.36\n" in files["pcf"]


def test_the_example_s_commands_run(carrier, capsys):
    assert [words[0] for words in COMMANDS] == ["boards", "estimate", "build", "flash"]
    for words in COMMANDS:
        assert run(words) == 0, capsys.readouterr().err
    out = capsys.readouterr().out
    assert "the radio would send" in out
    assert "openFPGALoader" in out


def test_every_board_that_ships_has_a_row():
    for name in BOARDS:
        assert f"| `{name}` |" in TEXT


def test_every_kind_of_bitstream_is_named():
    (line,) = re.findall("^    thresh build BOARD MODEL +# (.*)$", TEXT, re.M)
    for family in FAMILIES.values():
        assert f".{family.bitstream}" in line
        assert f"``.{family.bitstream}``" in flash.__doc__
