"""Run the benches of exported folders with other people's tools, as their README says.

The folders are those of ``thresh verilog --preload`` for the shipped network; a bench sends a
recording that ships and compares every output with the golden model. A tool that is missing here is
skipped, and what it said when it was last run stays in the result.
"""

import datetime
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import thresh
from bench.measurement import Measurement
from bench.results import ROOT
from thresh.exports.shells import SHELLS
from thresh.tools.verilator import found_version, verilator_environment

MODEL = "examples/digits-gru128.safetensors"
LANES = 8
LINE_MHZ = 8
"""Clock that a serial line is timed by, so that its bits are few cycles."""

COROUTINES = "-O0 -std=gnu++20 -fcoroutines"


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A tool, and what it is told in a folder.

    Parameters
    ----------
    name : str
        As people know it.
    version : callable
        What it is here; None where it is missing.
    commands : callable
        One after another, from the top module.
    said : str or None
        What it shows where it runs no bench; None where the last command compares outputs.
    variables : callable
        Of the environment.
    """

    name: str
    version: Callable[[], str | None]
    commands: Callable[[str], list[list[str]]]
    said: str | None = None
    variables: Callable[[], dict[str, str]] = dict


def _icarus_version() -> str | None:
    if shutil.which("iverilog") is None:
        return None
    said = subprocess.run(["iverilog", "-V"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"version (\S+)", said)
    return found[1] if found else "unknown"


def _yosys_version() -> str | None:
    if shutil.which("yosys") is None:
        return None
    said = subprocess.run(["yosys", "-V"], capture_output=True, text=True, check=False).stdout
    return said.split()[1]


def _icarus(dialect: str) -> Tool:
    return Tool(
        name=f"Icarus Verilog, -g{dialect}",
        version=_icarus_version,
        commands=lambda top: [
            ["iverilog", f"-g{dialect}", "-o", f"{dialect}.vvp", "bench.v", f"{top}.v"],
            ["vvp", "-n", f"{dialect}.vvp"],
        ],
    )


def _cocotb(simulator: str, name: str, found: Callable[[], str | None], **more: Any) -> Tool:
    def both() -> str | None:
        number = found()
        return number and f"{number}, cocotb {version('cocotb')}"

    command = ["env", f"SIM={simulator}", sys.executable]
    return Tool(
        name=name, version=both, commands=lambda top: [[*command, f"test_{top}.py"]], **more
    )


TOOLS = {
    "lint": Tool(
        name="verilator --lint-only -Wall",
        version=found_version,
        commands=lambda top: [["verilator", "--lint-only", "-Wall", f"{top}.vlt", f"{top}.v"]],
        said="no warning",
        variables=verilator_environment,
    ),
    "yosys": Tool(
        name="Yosys, read and checked",
        version=_yosys_version,
        commands=lambda top: [
            ["yosys", "-q", "-p",
             f"read_verilog {top}.v; hierarchy -check -top {top}; proc; check -assert"],
        ],
        said="no error",
    ),
    "icarus-2005": _icarus("2005"),
    "icarus-2009": _icarus("2009"),
    "icarus-2012": _icarus("2012"),
    "verilator": Tool(
        name="Verilator, the bench in Verilog",
        version=found_version,
        commands=lambda top: [
            ["verilator", "--binary", "--timing", "--top-module", "bench", "-Wno-fatal",
             "-CFLAGS", COROUTINES, "bench.v", f"{top}.v"],
            ["obj_dir/Vbench"],
        ],
        variables=verilator_environment,
    ),
    "cocotb-icarus": _cocotb("icarus", "cocotb, Icarus Verilog", _icarus_version),
    "cocotb-verilator": _cocotb(
        "verilator", "cocotb, Verilator", found_version, variables=verilator_environment
    ),
}  # fmt: skip

CASES = {f"{shell}-{tool}": (shell, tool) for shell in SHELLS for tool in TOOLS}


def measure(case: tuple[str, str], folder: Path) -> Iterator[dict[str, Any]]:
    """What one tool says of one shell."""
    shell, tool = case[0], TOOLS[case[1]]
    top, found = SHELLS[shell].top, tool.version()
    if found is None:
        raise SystemExit(f"{tool.name} is missing here")
    folder = folder.parent / "export-benches" / "-".join(case)
    thresh.load(ROOT / MODEL).compile(lanes=LANES).write_verilog(
        folder, shell=shell, preload=True, clock_mhz=LINE_MHZ
    )
    for command in tool.commands(top):
        done = subprocess.run(
            command, cwd=folder, text=True, check=False, env=os.environ | tool.variables(),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{tool.name} on {shell}: {done.stdout[-1000:]}")
    row = {
        "shell": shell, "tool": tool.name, "version": found, "model": MODEL, "lanes": LANES,
        "on": datetime.date.today().isoformat(),
    }  # fmt: skip
    if tool.said:
        row["said"] = tool.said
    else:
        said = re.search(r"PASSED: (\d+) outputs of (\d+) frames", done.stdout)
        if said is None:
            raise SystemExit(f"{tool.name} on {shell} did not pass: {done.stdout[-1000:]}")
        clip = re.search(r"the clip `(.*?)`", (folder / "README.md").read_text())
        assert clip is not None
        row |= {"clip": clip[1], "integers_compared": int(said[1]), "frames": int(said[2])}
    yield row


def say(row: dict[str, Any]) -> str:
    """The row in some words."""
    return f"{row['version']}: {row.get('said') or str(row['integers_compared']) + ' integers'}"


MEASUREMENT = Measurement(
    about=__doc__ or "", module="bench.software.export_benches", result="export-benches",
    cases=CASES, measure=measure, say=say,
)  # fmt: skip

if __name__ == "__main__":
    MEASUREMENT.run()
