"""Place and route the accelerator whose columns come from ULX3S's SDRAM, pins and all.

Result: docs/results/streamed-build.json.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from bench.cycles.sdram_network import CLOCK_HZ, GEOMETRY
from bench.results import RESULTS, ROOT
from thresh.gateware.accelerator import Accelerator
from thresh.gateware.sdram.sdram_setup import SdramSetup
from thresh.hw.families import FAMILIES
from thresh.hw.flow.build import build_core
from thresh.hw.known_boards import find_board
from thresh.hw.sdram_pads import PAD_DELAY
from thresh.layout.sdram_chip import ULX3S_SDRAM
from thresh.model.files import write_atomically

from .keys import circuit_key, key_of_netlist

BOARD = "ulx3s-85f"
RESULT = RESULTS / "streamed-build.json"
COMMAND = "python -m bench.hardware.sdram_build"


def make_core() -> Any:
    """The design for a board top."""
    board = find_board(BOARD)
    return Accelerator(
        geometry=GEOMETRY, clock_hz=CLOCK_HZ, baud=board.baud,
        primitives=FAMILIES[board.family].primitives,
        sdram=SdramSetup(chip=ULX3S_SDRAM, clock_hz=CLOCK_HZ, pad_delay=PAD_DELAY),
    )  # fmt: skip


def main() -> None:
    """Build it with three seeds, and keep the clocks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "bench" / "streamed")
    options = parser.parse_args()
    board, core = find_board(BOARD), make_core()
    result = build_core(
        board, core, lanes=GEOMETRY.lanes, out_dir=options.folder, progress=print
    )  # fmt: skip
    seeds = tuple(result.fmax_mhz)
    kept = {
        "board": BOARD,
        "clock_mhz": CLOCK_HZ / 1e6,
        "fmax_mhz": {seed: round(mhz, 2) for seed, mhz in result.fmax_mhz.items()},
        "met": result.met,
        "utilization": result.utilization,
        "tools": result.tools,
        "command": COMMAND,
        "key": circuit_key(board, core, seeds),
        "netlist": key_of_netlist(board, options.folder, seeds),
    }
    write_atomically(RESULT, json.dumps(kept, indent=2) + "\n")
    print(kept["fmax_mhz"])


if __name__ == "__main__":
    main()
