"""Published figures are the measured ones."""

import subprocess
import sys
from pathlib import Path

from bench.hardware.targets import load_builds
from bench.pages import plots
from bench.pages.summary import summary
from bench.results import load

ROOT = Path(__file__).parent.parent.parent


def test_pages_show_what_the_results_say():
    done = subprocess.run(
        [sys.executable, "-m", "bench.pages.figures", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_a_new_key_or_command_draws_no_plot_again():
    runs, builds = load("utilisation"), load_builds()
    before = plots.digest(runs, builds)
    other = {"key": "0", "netlist": "0", "command": "another", "case": "another"}
    assert plots.digest([row | other for row in runs], builds) == before
    assert plots.digest(runs, [row | other for row in builds]) == before
    assert plots.digest(runs, [row | {"asked_mhz": 1} for row in builds]) != before


def test_the_readme_has_five_lines_of_figures():
    lines = summary().splitlines()
    assert len(lines) == 2 + 5
    assert "0 differences" in summary()
