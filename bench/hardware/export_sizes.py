"""Synthesise exported shells with Yosys alone, for four families: what somebody's design gets.

The folder is that of ``thresh verilog`` for the shipped network, its memories empty, and its own
``synth.py`` synthesises it. Nothing is placed. One that has not ended after `LIMIT_MINUTES` of the
processor's time is stopped, and its row says so.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import thresh
from bench.measurement import Measurement
from bench.results import ROOT
from thresh.exports.folder import FAMILIES
from thresh.tools.toolchain import tool_version

MODEL = "examples/digits-gru128.safetensors"
LANES = 8
LIMIT_MINUTES = 10

SHELLS = ("uart", "stream", "axi", "wishbone")
CASES = {f"{shell}-{family}": (shell, family) for shell in SHELLS for family in FAMILIES}


def measure(case: tuple[str, str], folder: Path) -> Iterator[dict[str, Any]]:
    """Cells of one shell in one family."""
    shell, family = case
    folder = folder.parent / "export-sizes" / "-".join(case)
    thresh.load(ROOT / MODEL).compile(lanes=LANES).write_verilog(folder, shell=shell)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, folder / "synth.py", family], preexec_fn=_limit, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = round(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    row = {
        "shell": shell, "family": family, "lanes": LANES, "model": MODEL,
        "synthesis": FAMILIES[family], "yosys": tool_version("yosys"), "seconds": seconds,
    }  # fmt: skip
    if done.returncode == 0:
        row["cells"] = json.loads((folder / f"{family}.cells.json").read_text())
    elif seconds >= 60 * LIMIT_MINUTES - 5:
        row["stopped_after_minutes"] = LIMIT_MINUTES
    else:
        raise SystemExit(f"{shell}, {family}: {(done.stderr or done.stdout).strip()[-400:]}")
    yield row


def _limit() -> None:
    seconds = 60 * LIMIT_MINUTES
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 10))


def say(row: dict[str, Any]) -> str:
    """The row in some words."""
    if "cells" not in row:
        return f"stopped after {row['stopped_after_minutes']} minutes"
    return f"{sum(row['cells'].values()):,} cells in {row['seconds']} s"


MEASUREMENT = Measurement(
    about=__doc__ or "", module="bench.hardware.export_sizes", result="export-sizes",
    cases=CASES, measure=measure, say=say,
)  # fmt: skip

if __name__ == "__main__":
    MEASUREMENT.run()
