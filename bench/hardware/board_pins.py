"""Route a small design on every board: its pins are the package's, and its PLL makes the clock.

Result: docs/results/board-pins.json. It takes seconds per board, a whole accelerator takes minutes
(`bench.hardware.boards`).
"""

import argparse
import json
from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bench.results import RESULTS, ROOT
from thresh.hw.flow.build import build_core
from thresh.hw.known_boards import BOARDS, find_board
from thresh.model.files import write_atomically

NAME = "board-pins"
COMMAND = "python -m bench.hardware.board_pins --only {}"


class Echo(wiring.Component):
    """Sends what it receives, and counts."""

    def __init__(self):
        super().__init__(
            {"rx": In(1), "tx": Out(1), "loaded": Out(1), "busy": Out(1), "fired": Out(1)}
        )

    def elaborate(self, platform):
        m = Module()
        count = Signal(8)
        m.d.sync += [self.tx.eq(self.rx), count.eq(count + self.rx)]
        m.d.comb += [self.loaded.eq(1), self.busy.eq(count[-1]), self.fired.eq(count[-2])]
        return m


def route(name: str) -> dict[str, Any]:
    """One board, one seed."""
    folder = ROOT / "build" / "bench" / NAME / name
    result = build_core(find_board(name), Echo(), lanes=0, out_dir=folder, seeds=(1,))
    return {
        "board": name,
        "fmax_mhz": round(result.fmax_mhz[1], 1),
        "met": result.met,
        "tools": result.tools,
        "command": COMMAND.format(name),
    }


def main() -> None:
    """Route every board, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=BOARDS)
    path = RESULTS / f"{NAME}.json"
    rows = {row["board"]: row for row in json.loads(path.read_text())} if path.exists() else {}
    for name in parser.parse_args().only or BOARDS:
        rows[name] = route(name)
        ordered = [rows[board] for board in BOARDS if board in rows]
        write_atomically(path, json.dumps(ordered, indent=2) + "\n")


if __name__ == "__main__":
    main()
