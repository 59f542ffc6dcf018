"""Rows of words at their pins, and the tables that the device's page makes of results."""

from bench.cycles.device_words import rows
from bench.pages import device

DATA = {
    "clips": [
        {"name": "one.wav", "label": "one", "heard": ["one"], "seconds": [0.3361], "word_end": 0.39,
         "pin_ms": -53.9, "frames": 40},
        {"name": "two.wav", "label": "two", "heard": [], "seconds": [], "word_end": None,
         "pin_ms": None, "frames": 40},
    ],
    "simulation": {
        "integers": 1234, "differences": [], "cycles_per_frame": 13_000.4, "core_mhz": 12.0,
        "share_awake": 0.108, "pin_ms": -53.9, "frame_ms": 1.17,
    },
}  # fmt: skip


def test_a_row_for_each_clip_and_one_for_all():
    first, second, last = rows(DATA)
    assert first == {
        "name": "one.wav", "heard": ["one"], "seconds": [0.3361], "word_end": 0.39, "pin_ms": -53.9
    }  # fmt: skip
    assert second["pin_ms"] is None
    assert (last["name"], last["integers"], last["differences"]) == ("all", 1234, 0)


def test_tables_of_results(monkeypatch):
    monkeypatch.setattr(device, "load", lambda name: list(rows(DATA)))
    lines = device.words().splitlines()
    assert lines[2] == "| one.wav | one | 0.336 | 0.39 | -54 |"
    assert lines[3] == "| two.wav |  |  | - | - |"
    assert "| core cycles a frame, mean | 13,000 |" in device.work()
    assert "| from a frame's last bit to the pin, at most | 1.17 ms |" in device.work()


def test_nothing_measured_is_said(monkeypatch):
    monkeypatch.setattr(device, "load", lambda name: None)
    for made in (device.words, device.work, device.blocks, device.builds):
        assert made() == "Not measured yet.\n"


def test_builds_show_their_slowest_routing(monkeypatch):
    row = {
        "case": "icebreaker-pdm", "board": "icebreaker", "kind": "pdm",
        "clocks": {"sync": {"clock_mhz": 13.2, "fmax_mhz": {"1": 29.31, "2": 28.02}}},
        "utilization": {"ICESTORM_LC": {"used": 4959, "available": 5280},
                        "SB_GB": {"used": 3, "available": 8}},
        "blocks": {"network": 2613},
    }  # fmt: skip
    monkeypatch.setattr(device, "load", lambda name: [row])
    wanted = "| icebreaker | PDM | 4,959 of 5,280 logic cells | sync 28.0 for 13.2 | 2 |"
    assert wanted in device.builds()
    assert "| network | 2,613 |" in device.blocks()
