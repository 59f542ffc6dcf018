import pytest

from bench.hardware import export_sizes
from bench.pages import exports
from bench.software import export_benches
from thresh.exports.folder import FAMILIES
from thresh.exports.shells import SHELLS

SIZES = [
    {"shell": "stream", "family": "ice40", "lanes": 8, "seconds": 90, "yosys": "0.70",
     "command": "c", "cells": {"SB_LUT4": 4000, "SB_DFFESR": 700, "SB_DFF": 30, "SB_RAM40_4K": 9,
                               "SB_RAM40_4KNW": 1, "SB_CARRY": 500, "SB_SPRAM256KA": 4}},
    {"shell": "axi", "family": "gowin", "lanes": 8, "seconds": 600, "yosys": "0.70",
     "command": "d", "stopped_after_minutes": 10},
]  # fmt: skip

RUNS = [
    {"shell": shell, "tool": tool, "version": "5", "on": "2026-01-02", **more}
    for tool, more in (
        ("bench", {"clip": "a.wav", "integers_compared": 520}),
        ("lint", {"said": "no warning"}),
    )
    for shell in ("stream", "axi")
]


def test_cells_are_counted_by_what_they_are():
    cells = SIZES[0]["cells"]
    counts = {name: exports.count(cells, names) for name, names in exports.COUNTED.items()}
    assert counts == {
        "LUT": 4000, "flip-flops": 730, "block RAM": 10, "SPRAM": 4, "multipliers": 0,
    }  # fmt: skip


def test_a_size_that_was_not_found_says_how_long_was_tried(monkeypatch):
    monkeypatch.setattr(exports, "load", {"export-sizes": SIZES}.get)
    _, _, first, second = exports.sizes().splitlines()
    assert first == "| stream | iCE40 UP5K | 8 | 4,000 | 730 | 10 | 4 |  | 90 s | 0.70 | `c` |"
    assert "not ended in 10 minutes" in second


def test_runs_of_one_tool_are_one_line(monkeypatch):
    monkeypatch.setattr(exports, "load", {"export-benches": RUNS}.get)
    lines = exports.benches().splitlines()[2:]
    assert lines == [
        "| bench | 5 | 2026-01-02 | stream, axi | a.wav | 1,040, 0 differences |",
        "| lint | 5 | 2026-01-02 | stream, axi |  | no warning |",
    ]


def test_every_shell_has_a_case_with_every_tool():
    assert len(export_benches.CASES) == len(SHELLS) * len(export_benches.TOOLS)
    assert {family for _, family in export_sizes.CASES.values()} == set(FAMILIES)


def test_a_tool_that_is_missing_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(export_benches.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="Icarus Verilog, -g2012 is missing here"):
        list(export_benches.measure(("stream", "icarus-2012"), tmp_path))
