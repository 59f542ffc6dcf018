"""Build the shipped network for every board as a user does, and keep the routed clocks.

Result: docs/results/boards.json. What is built already is not built again.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from targets import RESULTS

from thresh.hw.boards import BOARDS
from thresh.model.files import write_atomically

ROOT = Path(__file__).parent.parent
MODEL = "examples/digits-gru128.safetensors"
DROPPED = ("bitstream", "image")
"""Paths of this machine."""


def build(board: str, jobs: int) -> dict[str, Any]:
    """What ``thresh build`` says, with the command."""
    words = ["build", board, MODEL]
    local = ["-o", f"build/bench/board-{board}", "--jobs", f"{jobs}", "--json"]
    program = Path(sys.executable).with_name("thresh")
    done = subprocess.run(
        [program, *words, *local], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    if not done.stdout:
        raise SystemExit(f"thresh {' '.join(words)} failed with status {done.returncode}")
    said = {k: v for k, v in json.loads(done.stdout).items() if k not in DROPPED}
    return said | {"command": " ".join(["thresh", *words])}


def main() -> None:
    """Build every board, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=BOARDS)
    parser.add_argument("--jobs", type=int, default=1, help="Routings at a time.")
    options = parser.parse_args()
    path = RESULTS / "boards.json"
    rows = {row["board"]: row for row in json.loads(path.read_text())} if path.exists() else {}
    for board in options.only or BOARDS:
        rows[board] = build(board, options.jobs)
        ordered = [rows[name] for name in BOARDS if name in rows]
        write_atomically(path, json.dumps(ordered, indent=2) + "\n")


if __name__ == "__main__":
    main()
