"""The device's page: every figure and every clip is on it, from what lies in the folder."""

import json
import re

import numpy as np
import pytest

from thresh.reports.device.found import DATA
from thresh.reports.device.page import DRAWN, write_device_page

SAMPLES = np.random.default_rng(1).integers(-9000, 9000, 2000)


def found(**changes):
    data = {
        "network": "small", "board_title": "iCEBreaker", "command": "thresh demo --device",
        "steps": [{"name": "golden device", "result": "60 frames", "seconds": 1.25}],
        "clips": [
            {"name": "one.wav", "label": "one", "heard": ["one"], "seconds": [0.1],
             "word_end": 0.12, "pin_ms": -20.0, "frames": 12},
            {"name": "two.wav", "label": "two", "heard": [], "seconds": [], "word_end": None,
             "pin_ms": None, "frames": 12},
        ],
        "simulation": {
            "integers": 4321, "differences": [], "cycles_per_frame": 19100.0, "core_mhz": 24.0,
            "share_awake": 0.08, "pin_ms": -20.0, "frame_ms": 1.0,
        },
        "drawn": {
            "name": "one.wav", "rate": 8000, "hop": 80, "window": 200, "output_frac": 11,
            "classes": ["one", "two"], "thresholds": [100, 32767], "heard": ["one"],
            "seconds": [0.1],
            "word_end": 0.12,
        },
    }  # fmt: skip
    return data | changes


def page(folder, data):
    frames = (len(SAMPLES) - 200) // 80 + 1
    random = np.random.default_rng(2)
    np.savez(
        folder / DRAWN, samples=SAMPLES, features=random.integers(-99, 99, (frames, 20)),
        events=random.integers(0, 9, (frames, 3)), scores=random.integers(-99, 99, (frames, 2)),
    )  # fmt: skip
    (folder / DATA).write_text(json.dumps(data))
    return write_device_page(folder).read_text()


def texts(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def test_says_what_was_heard_and_when(tmp_path):
    html = page(tmp_path, found())
    assert html.count("<svg") == 1
    text = texts(html)
    for said in (
        "1 of 2 clips heard right", "0 differences in 4,321 integers", "-20 ms from a word's end",
        "8.0% of the time", "one.wav one 0.10 s -20 ms", "two.wav - - -", "golden device 60 frames",
    ):  # fmt: skip
        assert said in text.replace("&#39;", "'")


def test_a_built_device_shows_its_cells_clocks_and_current(tmp_path):
    clocks = {
        name: {"clock_mhz": mhz, "fmax_mhz": {"1": 2 * mhz}}
        for name, mhz in (("core", 26.4), ("audio", 2.0))
    }
    build = {
        "device": "iCE40UP5K", "utilization": {"ICESTORM_LC": {"used": 5000, "available": 5280}},
        "clocks": clocks, "tools": {"yosys": "0.70"},
    }  # fmt: skip
    current = {"core_ma": 0.47, "parts": {"core rail": 0.47}, "source": "From published currents."}
    blocks = {"core": 3000, "front end": 700}
    html = page(tmp_path, found(build=build, current=current, blocks=blocks))
    assert html.count("<svg") == 6
    text = texts(html)
    for said in (
        "5,000 of 5,280", "52.8 MHz", "3,000 cells", "0.47 mA on the core", "yosys 0.70",
        "From published currents.",
    ):  # fmt: skip
        assert said in text


def test_differences_are_not_hidden(tmp_path):
    simulation = found()["simulation"] | {"differences": ["samples 3: 1 in golden, 2 in device"]}
    html = page(tmp_path, found(simulation=simulation))
    assert 'class="bad"><b>1 clips</b>' in html


def test_a_folder_without_a_device_is_refused(tmp_path):
    wanted = r"holds no device\.json: run `thresh demo --device` first"
    with pytest.raises(ValueError, match=wanted):
        write_device_page(tmp_path)


def test_damaged_files_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"drawn\.rate: Input should be greater than 0"):
        page(tmp_path, found(drawn=found()["drawn"] | {"rate": 0.0}))
    page(tmp_path, found())
    np.savez(tmp_path / DRAWN, samples=SAMPLES)
    with pytest.raises(ValueError, match="is not what a device leaves behind: run it again"):
        write_device_page(tmp_path)
