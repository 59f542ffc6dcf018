"""Measure how long `thresh estimate` takes, beside starting Python with the libraries it needs.

Medians of programs that take turns, in milliseconds of the processor, with compiled modules kept
as Python does unless told otherwise. ``load`` is how many processes ran on the machine.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.measurement import Measurement
from bench.results import ROOT

CASES = (
    ("digits-gru128", "icebreaker"),
    ("digits-gru128", "ulx3s-85f"),
    ("letters-2xgru128", "ulx3s-85f"),
    ("ecg-gru48", "icebreaker"),
)
"""Network that ships, board."""
ROUNDS = 9

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


def measure(case: tuple[str, str], folder: Path) -> Iterator[dict[str, Any]]:
    """The row of a case: medians and their ratio."""
    with tempfile.TemporaryDirectory() as cache:
        yield row_of(*case, cache)


def row_of(network: str, board: str, cache: str) -> dict[str, Any]:
    """The same with compiled modules kept in ``cache``."""
    thresh = Path(sys.executable).with_name("thresh")
    model = f"examples/{network}.safetensors"
    commands = {"estimate": [thresh, "estimate", model, board], "libraries": LIBRARIES}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(ROUNDS + 1):
        for name, command in commands.items():
            spent = processor_ms(command, cache)
            if number:  # the first compiles the modules
                times[name].append(spent)
    found = {name: statistics.median(spent) for name, spent in times.items()}
    return {
        "network": network,
        "board": board,
        "rounds": ROUNDS,
        "load": round(os.getloadavg()[0], 1),
        **{f"{name}_ms": round(spent) for name, spent in found.items()},
        "longer_than_libraries": round(found["estimate"] / found["libraries"], 2),
    }


def say(row: dict[str, Any]) -> str:
    """A row in some words."""
    return f"{row['estimate_ms']} ms, its libraries {row['libraries_ms']} ms"


MEASUREMENT = Measurement(
    about=__doc__,
    module="bench.software.estimate_time",
    result="estimate-time",
    cases={f"{network}-{board}": (network, board) for network, board in CASES},
    measure=measure,
    say=say,
)

if __name__ == "__main__":
    MEASUREMENT.run()
