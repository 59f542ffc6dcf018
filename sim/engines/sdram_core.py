"""Compiled components beside the timing model of an SDRAM, the core that has its columns there."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from thresh.layout.link import READ_LATENCY, Region, word_bytes
from thresh.layout.memories import read_map
from thresh.layout.sdram_chip import SdramChip
from thresh.layout.sdram_image import SdramImage
from thresh.sim.observation import record_of, used_words
from thresh.sim.sdram_model import SdramModel

from .compiled_flat import CompiledFlat

LIMIT = 10_000_000
"""Cycles after which a core has hung."""

PINS = ("command", "bank", "address", "dq_oe", "dq_o", "mask")


class BesideChip:
    """A compiled component with an SDRAM's pins, and its chip: an edge of both at a time.

    Parameters
    ----------
    verilog : str
        A `thresh.gateware.flat_ports.FlatPorts` of the component, whose member ``pins`` is the
        chip's.
    places : dict
        Where each of its ports lies.
    chip : SdramChip
    clock_hz : float
        Of both.
    folder : path
        Where compiled simulators are kept.
    open_memories : bool
        As `compile_verilog` takes it.

    Attributes
    ----------
    chip : SdramModel
        ``busy`` counts the cycles in which words passed its pins.
    put, see : dict of callable
        Writers of inputs and readers of outputs by their paths, joined by dots.
    """

    def __init__(
        self,
        verilog: str,
        places: dict,
        chip: SdramChip,
        clock_hz: float,
        folder: Path | str,
        *,
        open_memories: bool = False,
    ) -> None:
        self.simulation = CompiledFlat(verilog, places, folder, open_memories=open_memories)
        self.chip = SdramModel(chip, clock_hz)
        of = {flow: [name for name, (f, *_) in places.items() if f == flow] for flow in "io"}
        self.put = {name: self.simulation.writer(name) for name in of["i"]}
        self.see = {name: self.simulation.reader(name) for name in of["o"]}
        self._pins = [self.see[f"pins.{name}"] for name in PINS]

    def close(self) -> None:
        """Free the simulation."""
        self.simulation.close()

    def tick(self) -> None:
        """A cycle of both."""
        self.simulation.tick()
        command, bank, address, drives, value, mask = (pin() for pin in self._pins)
        word = self.chip.step(command, bank, address, value if drives else None, mask)
        self.put["pins.dq_i"](0 if word is None else word)


class CompiledSdramCore(BesideChip):
    """A core whose columns lie in the chip."""

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
            self.put["new_sequence"](value)
            self.tick()
        self.rest()

    def step(self, x: np.ndarray) -> int:
        """One step, to its end: its cycles from the first input on.

        Raises
        ------
        RuntimeError
            When it does not end within `LIMIT` cycles.
        """
        first, sent = self.simulation.cycles, 0
        while self.simulation.cycles - first < LIMIT:
            self.put["x.valid"](sent < len(x))
            if sent < len(x):
                self.put["x.payload"](int(x[sent]))
            self.tick()
            sent += sent < len(x) and self.see["x.ready"]()
            if self.see["done"]():
                cycles = self.simulation.cycles - first
                self.rest()
                return cycles
        raise RuntimeError(f"A step has not ended after {LIMIT:,} cycles")

    def rest(self) -> None:
        """Wait until nothing is under way."""
        for _ in range(LIMIT):
            self.tick()
            if not self.see["busy"]():
                return
        raise RuntimeError(f"The core is still busy after {LIMIT:,} cycles")

    def _write(self, region: Region, words: list[int]) -> None:
        self.put["access.enable"](1)
        self.put["access.region"](region)
        self.tick()
        for address, word in enumerate(words):
            self.put["access.address"](address)
            self.put["access.write_data"](int(word))
            for write in (1, 0):
                self.put["access.write"](write)
                self.tick()
        self.put["access.enable"](0)
        self.tick()

    def read(self, region: Region, addresses: Sequence[int]) -> list[int]:
        """Words of a region."""
        words = []
        self.put["access.enable"](1)
        self.put["access.region"](region)
        for address in addresses:
            self.put["access.address"](address)
            for _ in range(READ_LATENCY + 1):
                self.tick()
            words.append(self.see["access.read_data"]())
        self.put["access.enable"](0)
        self.tick()
        return words

    def observe(self) -> np.void:
        """Everything in use, a record of `thresh.sim.observation.record_type`."""
        memories = {}
        for region, count in used_words(self.plan).items():
            size = word_bytes(region, self.geometry)
            mask = (1 << 8 * size) - 1
            words = [word & mask for word in self.read(region, range(count))]
            data = b"".join(word.to_bytes(size, "little") for word in words)
            memories[region] = np.frombuffer(data, np.uint8).reshape(count, size)
        return record_of(self.plan, memories)
