"""docs/python.md: its code blocks run as they stand."""

import pytest
from run_text import ROOT, bench, blocks

import thresh

BLOCKS = blocks((ROOT / "docs" / "python.md").read_text())
DIGITS = "examples/digits-gru128.safetensors"


def test_the_page_has_the_whole_way():
    assert list(BLOCKS) == [
        "A network of your own", "A network in a file", "An accelerator", "A board",
    ]  # fmt: skip


def test_a_network_of_your_own(tmp_path, monkeypatch, torch):
    names = {}
    with bench(tmp_path, monkeypatch, thresh.load(ROOT / DIGITS).compile().geometry) as run:
        for code in BLOCKS["A network of your own"]:
            run(code, names)
    assert names["net"].decision == "mean"
    assert thresh.load(tmp_path / "net.safetensors").integers == names["net"].integers
    assert "<circle" in (tmp_path / "explore.html").read_text()


def test_from_a_file_to_a_board(tmp_path, monkeypatch, capsys):
    names = {}
    net = thresh.load(ROOT / DIGITS)
    with bench(tmp_path, monkeypatch, net.compile("ulx3s-85f", lanes=16).geometry) as run:
        for heading in list(BLOCKS)[1:]:
            for code in BLOCKS[heading]:
                run(code, names)
    said = capsys.readouterr().out
    assert "\nseven\n" in said
    assert "│ mismatches             │ 0 " in said
    assert names["simulated"].result.frames == 52
    assert names["y"].shape == (52, 10)
    assert (names["y"] == net.predict(ROOT / "examples" / "seven.wav")).all()
    assert names["bitstream"].path.exists()


@pytest.mark.parametrize("verb", ["predict", "decide", "score", "evaluate", "trace"])
def test_the_verbs_of_the_table_exist(verb):
    assert f"| `{verb}(" in (ROOT / "docs" / "python.md").read_text()
    assert callable(getattr(thresh.Accelerator, verb))
    assert callable(getattr(thresh.Network, verb))
