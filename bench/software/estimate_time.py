"""Measure how long `thresh estimate` takes, beside starting Python with the libraries it needs.

Medians of programs that take turns, in milliseconds of the processor, with compiled modules kept
as Python does unless told otherwise. ``load`` is how many processes ran on the machine. Results:
docs/results/estimate-time.json.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.pages.markdown import table
from bench.results import RESULTS, ROOT, load
from thresh.model.files import write_atomically

RESULT = RESULTS / "estimate-time.json"
CASES = (
    ("digits-gru128", "icebreaker"),
    ("digits-gru128", "ulx3s-85f"),
    ("letters-2xgru128", "ulx3s-85f"),
    ("ecg-gru48", "icebreaker"),
)
"""Network that ships, board."""

LIBRARIES = [sys.executable, "-c", "import amaranth.lib.wiring, click, numpy, rich.console"]


def processor_ms(command: Sequence[str | Path], cache: str) -> float:
    """Milliseconds of the processor that a program takes; ``cache`` is for compiled modules.

    Raises
    ------
    subprocess.CalledProcessError
        When it fails.
    """
    import resource  # of Unix only, while `figures.py` runs everywhere

    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": cache}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def measure(network: str, board: str, rounds: int, cache: str) -> dict:
    """One row: medians and their ratio."""
    thresh = Path(sys.executable).with_name("thresh")
    model = f"examples/{network}.safetensors"
    commands = {"estimate": [thresh, "estimate", model, board], "libraries": LIBRARIES}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            spent = processor_ms(command, cache)
            if number:  # the first compiles the modules
                times[name].append(spent)
    found = {name: statistics.median(spent) for name, spent in times.items()}
    return {
        "network": network,
        "board": board,
        "load": round(os.getloadavg()[0], 1),
        **{f"{name}_ms": round(spent) for name, spent in found.items()},
        "longer_than_libraries": round(found["estimate"] / found["libraries"], 2),
    }


def show() -> str:
    """The table of docs/results.md."""
    return table(
        ["network", "board", "`thresh estimate`, ms", "its libraries alone, ms"],
        [
            [row["network"], row["board"], str(row["estimate_ms"]), str(row["libraries_ms"])]
            for row in (load(RESULT.stem) or {}).get("rows", [])
        ],
    )


def main(rounds: int = 9) -> None:
    """Measure every case and write the result."""
    rows = []
    with tempfile.TemporaryDirectory() as cache:
        for case in CASES:
            rows.append(measure(*case, rounds, cache))
            print(rows[-1])
    content = {"command": "python -m bench.software.estimate_time", "rounds": rounds, "rows": rows}
    write_atomically(RESULT, json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
