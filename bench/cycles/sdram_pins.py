"""Measure how much of ULX3S's SDRAM bandwidth columns in list order use, refresh included.

Columns of a GRU layer lie one after another, and random lists say which are fetched. A word per
cycle is all that the pins can carry.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.measurement import Measurement
from thresh.gateware.sdram.sdram_columns import SdramColumns
from thresh.gateware.sdram.sdram_ports import BURST
from thresh.layout.sdram_chip import ULX3S_SDRAM, SdramCommand

from .chip_bench import ChipBench

CLOCKS_MHZ = (120, 133)
UNITS = (768, 256, 128, 64)
ACTIVITIES = (0.03, 0.1, 0.3, 1)
WORDS = 100_000
"""Words of a row, about."""


class PinsBench(ChipBench):
    """The column memory in SDRAM and its chip, from when it is ready.

    Parameters
    ----------
    clock_hz : float
    folder : path
        Of compiled simulators.
    """

    def __init__(self, clock_hz: float, folder: Path) -> None:
        super().__init__(SdramColumns(chip=ULX3S_SDRAM, clock_hz=clock_hz), clock_hz, folder)
        self.put["o.ready"](1)
        while not self.see["ready"]():
            self.tick()

    def fetch(self, columns: np.ndarray, bursts: int) -> tuple[np.ndarray, int]:
        """Words of whole columns, and the cycles from the first to the last of them."""
        requests = [
            int(column) * bursts | bursts << ULX3S_SDRAM.address_bits - 3 for column in columns
        ]
        words, sent, first = [], 0, 0
        total = BURST * bursts * len(columns)
        while len(words) < total:
            waits = sent < len(requests)
            self.put["i.valid"](waits)
            if waits:
                self.put["i.payload"](requests[sent])
            self.tick()
            sent += waits and self.see["i.ready"]()
            if self.see["o.valid"]():
                words.append(self.see["o.payload"]() & 0xFFFF)
                first = first or self.simulation.cycles
        return np.array(words, np.uint16), self.simulation.cycles - first + 1

    def row(self, units: int, activity: float, random: np.random.Generator) -> dict[str, Any]:
        """One measurement."""
        bursts = 3 * units // (2 * BURST)
        wanted = max(2, WORDS // (BURST * bursts))
        lists = []
        while sum(map(len, lists)) < wanted:
            lists.append(np.flatnonzero(random.random(2 * units) < activity))
        columns = np.concatenate(lists)[:wanted]
        refreshes = self.chip.commands[SdramCommand.REFRESH]
        words, cycles = self.fetch(columns, bursts)
        places = BURST * bursts * columns[:, None] + np.arange(BURST * bursts)
        if not np.array_equal(words, self.chip.words[places.reshape(-1)]):
            raise RuntimeError("What was fetched is not what the chip holds")
        return {
            "board": "ulx3s",
            "clock_mhz": self.chip.clock_hz / 1e6,
            "units": units,
            "words_per_column": BURST * bursts,
            "activity": activity,
            "columns": len(columns),
            "words": len(words),
            "cycles": cycles,
            "refreshes": self.chip.commands[SdramCommand.REFRESH] - refreshes,
            "bandwidth_used": round(len(words) / cycles, 4),
        }


def measure(clock_mhz: float, folder: Path) -> Iterator[dict[str, Any]]:
    """Rows of one clock."""
    bench = PinsBench(clock_mhz * 1e6, folder)
    random = np.random.default_rng(1)
    bench.chip.load(0, random.integers(0, 1 << 16, len(bench.chip.words), np.uint16))
    for units in UNITS:
        for activity in ACTIVITIES:
            yield bench.row(units, activity, random)
    bench.close()


def say(row: dict[str, Any]) -> str:
    """A row in some words."""
    share = f"{row['bandwidth_used']:.1%} of the pins used"
    return f"{row['units']} units, {row['activity']:.0%} active: {share}"


MEASUREMENT = Measurement(
    about=__doc__,
    module="bench.cycles.sdram_pins",
    result="sdram",
    cases={f"{clock}MHz": clock for clock in CLOCKS_MHZ},
    measure=measure,
    say=say,
)

if __name__ == "__main__":
    MEASUREMENT.run()
