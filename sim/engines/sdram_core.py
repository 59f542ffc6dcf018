"""A compiled core whose columns lie in an SDRAM, and the timing model of its chip beside it."""

from pathlib import Path

import numpy as np

from thresh.layout.link import READ_LATENCY, Counter, Region, word_bytes
from thresh.layout.memories import read_map
from thresh.layout.sdram_chip import SdramChip
from thresh.layout.sdram_image import SdramImage
from thresh.sim.golden_memories import numbers
from thresh.sim.observation import memories_of, record_type, used_words
from thresh.sim.sdram_model import SdramModel

from .compiled_flat import CompiledFlat

LIMIT = 10_000_000
"""Cycles after which a core has hung."""

PINS = ("command", "bank", "address", "dq_oe", "dq_o", "mask")


class CompiledSdramCore:
    """The core and its chip, an edge of both at a time.

    Parameters
    ----------
    verilog : str
        A `thresh.gateware.flat_ports.FlatPorts` of the core.
    places : dict
        Where each of its ports lies.
    chip : SdramChip
    clock_hz : float
        Of core and chip.
    folder : path
        Where compiled simulators are kept.

    Attributes
    ----------
    chip : SdramModel
        ``busy`` counts the cycles in which words passed its pins.
    """

    def __init__(
        self, verilog: str, places: dict, chip: SdramChip, clock_hz: float, folder: Path | str
    ) -> None:
        self.simulation = CompiledFlat(verilog, places, folder)
        self.chip = SdramModel(chip, clock_hz)
        of = {flow: [name for name, (f, *_) in places.items() if f == flow] for flow in "io"}
        self._put = {name: self.simulation.writer(name) for name in of["i"]}
        self._see = {name: self.simulation.reader(name) for name in of["o"]}
        self._pins = [self._see[f"pins.{name}"] for name in PINS]

    def close(self) -> None:
        """Free the simulation."""
        self.simulation.close()

    def load(self, image: SdramImage) -> None:
        """Load a network: its columns into the chip, the rest through the access port."""
        self.geometry = image.geometry
        self.plan = read_map(image.table, image.header, image.geometry)
        self.chip.load(0, image.columns)
        biases = [int.from_bytes(bytes(word), "little") for word in image.weights]
        self._write(Region.WEIGHTS, biases)
        self._write(Region.TABLE, [*image.table[: len(image.network.layers)].flat])
        self._write(Region.HEADER, [*image.header])

    def new_sequence(self) -> None:
        """State and references to zero, M to bias."""
        for value in (1, 0):
            self._put["new_sequence"](value)
            self._tick()
        self._rest()

    def step(self, x: np.ndarray) -> np.void:
        """One step; returns everything in use after it, a record of `record_type`.

        Raises
        ------
        RuntimeError
            When it does not end within `LIMIT` cycles.
        """
        sent = 0
        for _ in range(LIMIT):
            self._put["x.valid"](sent < len(x))
            if sent < len(x):
                self._put["x.payload"](int(x[sent]))
            self._tick()
            sent += sent < len(x) and self._see["x.ready"]()
            if self._see["done"]():
                self._rest()
                return self._observe()
        raise RuntimeError(f"A step has not ended after {LIMIT:,} cycles")

    def _tick(self) -> None:
        self.simulation.tick()
        command, bank, address, drives, value, mask = (pin() for pin in self._pins)
        word = self.chip.step(command, bank, address, value if drives else None, mask)
        self._put["pins.dq_i"](0 if word is None else word)

    def _rest(self) -> None:
        """Wait until nothing is under way."""
        for _ in range(LIMIT):
            self._tick()
            if not self._see["busy"]():
                return
        raise RuntimeError(f"The core is still busy after {LIMIT:,} cycles")

    def _write(self, region: Region, words: list[int]) -> None:
        self._put["access.enable"](1)
        self._put["access.region"](region)
        self._tick()
        for address, word in enumerate(words):
            self._put["access.address"](address)
            self._put["access.write_data"](int(word))
            for write in (1, 0):
                self._put["access.write"](write)
                self._tick()
        self._put["access.enable"](0)
        self._tick()

    def _read(self, region: Region, count: int) -> list[int]:
        words = []
        self._put["access.enable"](1)
        self._put["access.region"](region)
        for address in range(count):
            self._put["access.address"](address)
            for _ in range(READ_LATENCY + 1):
                self._tick()
            words.append(self._see["access.read_data"]())
        self._put["access.enable"](0)
        self._tick()
        return words

    def _observe(self) -> np.void:
        record = np.zeros((), record_type(self.plan))
        for region, count in used_words(self.plan).items():
            size = word_bytes(region, self.geometry)
            mask = (1 << 8 * size) - 1
            data = b"".join((w & mask).to_bytes(size, "little") for w in self._read(region, count))
            record[region.name] = np.frombuffer(data, np.uint8).reshape(count, size)
        seen = memories_of(record)
        first = self.plan.output_base * self.geometry.pointwise_lanes
        record["outputs"] = numbers(seen, Region.STATE)[first : first + len(record["outputs"])]
        record["cycles"] = numbers(seen, Region.COUNTERS)[Counter.STEP_CYCLES]
        return record[()]
