"""Compiled components beside the timing model of an SDRAM, the core that has its columns there."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from thresh.layout.link import Region, word_bytes
from thresh.layout.memories import read_map
from thresh.layout.sdram_chip import SdramChip
from thresh.layout.sdram_image import SdramImage
from thresh.sim.observation import record_of, used_words

from .compiled_chip import HARNESS, LIMIT, CompiledChip
from .compiled_flat import CompiledFlat


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
    chip : CompiledChip
        ``busy`` counts the cycles in which words passed its pins.
    tick : callable
        A cycle of both.
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
        self.simulation = CompiledFlat(
            verilog, places, folder, open_memories=open_memories, harness=HARNESS
        )
        self.chip = CompiledChip(self.simulation, chip, clock_hz)
        self.tick = self.chip.tick
        of = {flow: [name for name, (f, *_) in places.items() if f == flow] for flow in "io"}
        self.put = {name: self.simulation.writer(name) for name in of["i"]}
        self.see = {name: self.simulation.reader(name) for name in of["o"]}

    def close(self) -> None:
        """Free the simulation."""
        self.chip.close()
        self.simulation.close()


class CompiledSdramCore(BesideChip):
    """A core whose columns lie in the chip."""

    def load(self, image: SdramImage) -> None:
        """Load a network: its columns into the chip, the rest through the access port."""
        self.geometry = image.geometry
        self.plan = read_map(image.table, image.header, image.geometry)
        self.chip.load(0, image.columns)
        biases = [int.from_bytes(bytes(word), "little") for word in image.weights]
        self.chip.write(Region.WEIGHTS, biases)
        self.chip.write(Region.TABLE, [*image.table[: len(image.network.layers)].flat])
        self.chip.write(Region.HEADER, [*image.header])

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
        cycles = self.chip.feed(x)
        if cycles < 0:
            raise RuntimeError(f"A step has not ended after {LIMIT:,} cycles")
        self.rest()
        return cycles

    def rest(self) -> None:
        """Wait until nothing is under way."""
        if self.chip.until_zero("busy") < 0:
            raise RuntimeError(f"The core is still busy after {LIMIT:,} cycles")

    def read(self, region: Region, addresses: Sequence[int]) -> list[int]:
        """Words of a region."""
        return self.chip.read(region, addresses)

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
