"""The demo's page and its figures."""

import json
import re

import numpy as np
import pytest
from cli_cases import answer, refusal

from thresh.reports.page import ACTIVITY, DATA

DEMO = {
    "network": "small <network>",
    "board_title": "iCEBreaker",
    "command": "thresh demo",
    "drawn": "seven.wav",
    "dense_fetches_per_frame": 900,
    "golden": {"accuracy": 0.9, "sequences": 10, "reduction": 9.5},
    "sim": {
        "mismatches": 0,
        "integers_compared": 234567,
        "utilisation": 0.93,
        "cycles_per_frame": {"min": 100, "mean": 2345.0, "max": 9999},
    },
    "sim_core": {
        "mismatches": 0,
        "integers_compared": 1000000,
        "utilisation": 0.94,
        "cycles_per_frame": {"min": 100, "mean": 2345.0, "max": 9999},
    },
    "build": {
        "device": "iCE40UP5K",
        "lanes": 8,
        "clock_mhz": 42.0,
        "fmax_mhz": {"1": 46.1, "2": 41.0},
        "tools": {"yosys": "0.70"},
        "utilization": {"ICESTORM_LC": {"used": 3900, "available": 5280}},
    },
    "steps": [{"name": "golden model", "result": "9 of 10 heard right", "seconds": 0.25}],
}


@pytest.fixture
def folder(tmp_path):
    """What a demo leaves behind."""
    raster = np.random.default_rng(0).random((30, 40)) < 0.1
    np.savez(tmp_path / ACTIVITY, fetches=raster.sum(axis=1) * 20, inputs=raster)
    (tmp_path / DATA).write_text(json.dumps(DEMO))
    return tmp_path


def test_the_page_is_whole_and_needs_no_network(capsys, folder):
    data = answer(capsys, "report", folder)
    page = (folder / "report.html").read_text()
    assert data == {"report": str(folder / "report.html"), "bytes": len(page.encode())}
    for text in ("small &lt;network&gt;", "90.0%", "1,234,567", "9 of 10 heard right", "56 µs"):
        assert text in page
    assert page.count("<svg") == 4
    assert re.findall(r"(?:src|href)=\"[^#]|url\([^#]|@import|<script", page) == []


def test_a_difference_stands_out(capsys, folder):
    changed = DEMO | {"sim": DEMO["sim"] | {"mismatches": 3}}
    (folder / DATA).write_text(json.dumps(changed))
    answer(capsys, "report", folder)
    assert '<div class="bad"><b>3</b>' in (folder / "report.html").read_text()


def test_a_folder_without_a_demo_is_refused(capsys, tmp_path):
    assert "run `thresh demo` first" in refusal(capsys, "report", tmp_path)
    assert list(tmp_path.iterdir()) == []
