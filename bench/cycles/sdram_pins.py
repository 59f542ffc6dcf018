"""Measure how much of ULX3S's SDRAM bandwidth columns in list order use, refresh included.

Columns of a GRU layer lie one after another, and random lists say which are fetched. A word per
cycle is all that the pins can carry.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.results import RESULTS, ROOT
from thresh.gateware.flat_ports import FlatPorts
from thresh.gateware.sdram.sdram_columns import SdramColumns
from thresh.gateware.sdram.sdram_ports import BURST
from thresh.gateware.verilog import generate
from thresh.layout.sdram_chip import ULX3S_SDRAM, SdramCommand
from thresh.model.files import write_atomically
from thresh.sim.engines.compiled_flat import MODULE, CompiledFlat
from thresh.sim.sdram_model import SdramModel

RESULT = RESULTS / "sdram.json"
COMMAND = "python -m bench.cycles.sdram_pins"

CLOCKS_MHZ = (120, 133)
UNITS = (768, 256, 128, 64)
ACTIVITIES = (0.03, 0.1, 0.3, 1)
WORDS = 100_000
"""Words of a row, about."""


class SdramBench:
    """The column memory in SDRAM, compiled, beside the timing model of its chip.

    Parameters
    ----------
    clock_hz : float
    folder : path
        Of compiled simulators.
    """

    def __init__(self, clock_hz: float, folder: Path) -> None:
        flat = FlatPorts(SdramColumns(chip=ULX3S_SDRAM, clock_hz=clock_hz))
        self.simulation = CompiledFlat(generate(flat, MODULE), flat.places, folder)
        self.chip = SdramModel(ULX3S_SDRAM, clock_hz)
        write, read = self.simulation.writer, self.simulation.reader
        self._write = {name: write(name) for name in ("i.payload", "i.valid", "o.ready")}
        self._read = {name: read(name) for name in ("i.ready", "o.valid", "o.payload", "ready")}
        self._dq = write("pins.dq_i")
        names = ("command", "bank", "address", "dq_oe", "dq_o", "mask")
        self._pins = [read(f"pins.{name}") for name in names]
        self._write["o.ready"](1)
        while not self._read["ready"]():
            self.tick()

    def tick(self) -> None:
        """A cycle of everything."""
        self.simulation.tick()
        command, bank, address, drives, value, mask = (pin() for pin in self._pins)
        word = self.chip.step(command, bank, address, value if drives else None, mask)
        self._dq(0 if word is None else word)

    def fetch(self, columns: np.ndarray, bursts: int) -> tuple[np.ndarray, int]:
        """Words of whole columns, and the cycles from the first to the last of them."""
        requests = [
            int(column) * bursts | bursts << ULX3S_SDRAM.address_bits - 3 for column in columns
        ]
        words, sent, first = [], 0, 0
        total = BURST * bursts * len(columns)
        while len(words) < total:
            waits = sent < len(requests)
            self._write["i.valid"](waits)
            if waits:
                self._write["i.payload"](requests[sent])
            self.tick()
            sent += waits and self._read["i.ready"]()
            if self._read["o.valid"]():
                words.append(self._read["o.payload"]() & 0xFFFF)
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
            "command": COMMAND,
        }


def measure(folder: Path) -> Iterator[dict[str, Any]]:
    """All rows."""
    for clock in CLOCKS_MHZ:
        bench = SdramBench(clock * 1e6, folder)
        random = np.random.default_rng(1)
        bench.chip.load(0, random.integers(0, 1 << 16, len(bench.chip.words), np.uint16))
        for units in UNITS:
            for activity in ACTIVITIES:
                yield bench.row(units, activity, random)
        bench.simulation.close()


def main() -> None:
    """Measure all rows and keep them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "sim")
    options = parser.parse_args()
    rows = []
    for row in measure(options.folder):
        rows.append(row)
        print(
            f"{row['clock_mhz']:g} MHz, {row['units']} units, {row['activity']:.0%} active: "
            f"{row['bandwidth_used']:.1%} of the pins used",
            flush=True,
        )
    text = ",\n".join(json.dumps(row) for row in rows)
    write_atomically(RESULT, f"[\n{text}\n]\n")


if __name__ == "__main__":
    main()
