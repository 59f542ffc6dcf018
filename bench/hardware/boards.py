"""Build the shipped network for every board as a user does, and keep the routed clocks.

Result: docs/results/boards.json. What is built already is not built again.
"""

import argparse
import json
from typing import Any

from bench.command import thresh
from bench.results import RESULTS, ROOT
from thresh.hw.known_boards import BOARDS, find_board
from thresh.model.files import write_atomically
from thresh.model.model_file import load_network

from .cores import image_core
from .keys import circuit_key, key_of_netlist

MODEL = "examples/digits-gru128.safetensors"
SMALL = "examples/ecg-gru48.safetensors"
BUILDS = {board: (board, MODEL) for board in BOARDS} | {
    "ulx3s-12f-sparse": ("ulx3s-12f", SMALL, "--sparse")
}
"""Arguments of ``thresh build`` by the name of the build."""
DROPPED = ("bitstream", "image")
"""Paths of this machine."""


def command(name: str) -> str:
    """The command of a build."""
    return " ".join(["thresh", "build", *BUILDS[name]])


def make_core(name: str) -> Any:
    """The design of a build."""
    board, model, *options = BUILDS[name]
    return image_core(board, load_network(ROOT / model), sparse="--sparse" in options)


def build(name: str, jobs: int) -> dict[str, Any]:
    """What ``thresh build`` says, with the command."""
    folder = f"build/bench/board-{name}"
    result, _ = thresh("build", *BUILDS[name], local=("-o", folder, "--jobs", f"{jobs}"))
    said = {field: value for field, value in result.items() if field not in DROPPED}
    board, seeds = find_board(BUILDS[name][0]), [int(seed) for seed in said["fmax_mhz"]]
    return said | {
        "key": circuit_key(board, make_core(name), seeds),
        "netlist": key_of_netlist(board, ROOT / folder, seeds),
    }


def main() -> None:
    """Build everything, or what is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=BUILDS)
    parser.add_argument("--jobs", type=int, default=1, help="Routings at a time.")
    options = parser.parse_args()
    path = RESULTS / "boards.json"
    rows = {row["command"]: row for row in json.loads(path.read_text())} if path.exists() else {}
    for name in options.only or BUILDS:
        rows[command(name)] = build(name, options.jobs)
        ordered = [rows[command(one)] for one in BUILDS if command(one) in rows]
        write_atomically(path, json.dumps(ordered, indent=2) + "\n")


if __name__ == "__main__":
    main()
