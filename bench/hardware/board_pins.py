"""Route a small design on every board: its pins are the package's, and its PLL makes the clock.

Result: docs/results/board-pins.json. It takes seconds per board, a whole accelerator takes minutes
(`bench.hardware.boards`).
"""

from collections.abc import Iterator
from pathlib import Path

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bench.measurement import Measurement, Row
from bench.results import ROOT
from thresh.hw.board import Board
from thresh.hw.flow.build import build_core
from thresh.hw.known_boards import BOARDS


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


def measure(board: Board, folder: Path) -> Iterator[Row]:
    """One board, one seed."""
    out = ROOT / "build" / "bench" / "board-pins" / board.name
    result = build_core(board, Echo(), lanes=0, out_dir=out, seeds=(1,))
    yield {"fmax_mhz": round(result.fmax_mhz[1], 1), "met": result.met, "tools": result.tools}


BOARD_PINS = Measurement(
    about=__doc__ or "",
    module="bench.hardware.board_pins",
    result="board-pins",
    cases=BOARDS,
    measure=measure,
    say=lambda row: f"{row['fmax_mhz']:g} MHz",
)

if __name__ == "__main__":
    BOARD_PINS.run()
