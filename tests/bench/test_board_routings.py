"""The table of which boards were routed."""

from bench.hardware.boards import command
from bench.pages import hardware
from thresh.hw.known_boards import BOARDS

BUILT = {"board": "upduino", "command": command("upduino"), "fmax_mhz": {"1": 50.0}, "met": True}
SMALL = {"case": "icesugar", "met": True}


def test_a_row_says_what_was_routed_and_what_was_not(monkeypatch):
    kept = {"boards": [BUILT], "board-pins": [SMALL]}
    monkeypatch.setattr(hardware, "load", kept.get)
    lines = hardware.board_routings().splitlines()[2:]
    rows = {name: line for name, line in zip(BOARDS, lines, strict=True)}
    assert "| yes | 1 seed, slowest 50.0 MHz | nobody |" in rows["upduino"]
    assert "| yes | not routed yet | nobody |" in rows["icesugar"]
    assert "| not yet | not routed yet | nobody |" in rows["icepi-zero"]


def test_a_clock_that_is_not_met_is_said(monkeypatch):
    monkeypatch.setattr(hardware, "load", {"boards": [BUILT | {"met": False}]}.get)
    assert "50.0 MHz, which is not 1.08 times" in hardware.board_routings()
