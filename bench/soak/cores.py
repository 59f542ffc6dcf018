"""Compiled cores that campaigns run: columns on the chip, sparse, and in SDRAM."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.cycles.sdram_network import SdramBench
from bench.cycles.utilisation import plain_memory
from thresh.gateware.primitives import Primitives
from thresh.gateware.verilog import core_verilog
from thresh.hw.families import FAMILIES
from thresh.layout.geometry import Geometry
from thresh.layout.image import Image, build_image
from thresh.model.network import Network
from thresh.sim.engines.compiled import CompiledCore, compile_verilog
from thresh.sim.observation import record_of

RESIDENT = Geometry(
    lanes=16, pointwise_lanes=4, weight_depth=8192, accumulator_depth=1024, state_depth=512,
    value_depth=1024,
)  # fmt: skip
SPARSE = replace(RESIDENT, sparse=True)
SDRAM = Geometry(
    columns="sdram", sparse=True, lanes=16, pointwise_lanes=2, weight_depth=256,
    accumulator_depth=512, state_depth=256, value_depth=128,
)  # fmt: skip
COLUMNS = 1 << 13
"""Words of on-chip memory that the columns of a network in SDRAM would take, at most."""


def primitives() -> Primitives:
    """Those of ECP5, the deepest pipeline, whose latencies a plain memory keeps."""
    found = FAMILIES["ecp5"].primitives
    return replace(found, column_memory=plain_memory(found.column_memory))


class ChipCore:
    """A compiled core with its columns on the chip.

    Parameters
    ----------
    geometry : Geometry
    folder : Path
        For the compiled simulator.
    """

    def __init__(self, geometry: Geometry, folder: Path) -> None:
        self.geometry = geometry
        self.source = core_verilog(geometry=geometry, primitives=primitives())
        self._library = compile_verilog(self.source, "thresh_core", folder, open_memories=True)

    @contextmanager
    def powered_up(self, seed: int) -> Iterator["RunningCore"]:
        """The core at its power-up, with noise in every memory."""
        with closing(RunningCore(self.geometry, self._library)) as core:
            core.scramble(seed + 1)
            yield core


class RunningCore(CompiledCore):
    """A core that says what it keeps as a record."""

    def load_network(self, network: Network, sparse: bool | None = None) -> Image:
        """Lay it out and write it."""
        image = build_image(network, self.geometry)
        self.load(image)
        self.plan = self.map
        return image

    def observe(self) -> np.void:
        """Everything in use, as a record of `thresh.sim.observation`."""
        return record_of(self.plan, self.memories())


class SdramCore(SdramBench):
    """A compiled core with its columns in SDRAM, and its chip; noise in both at first."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, SDRAM, open_memories=True)

    @contextmanager
    def powered_up(self, seed: int) -> Iterator["SdramCore"]:
        """The core as it is, with other noise in the chip; its own is of the first power-up."""
        random = np.random.default_rng(seed)
        self.chip.words[:] = random.integers(1 << 16, size=len(self.chip.words), dtype=np.uint16)
        if not self.simulation.cycles:
            self.simulation.scramble(seed + 1)
        yield self

    def run(self, x: np.ndarray) -> None:
        """Steps one after another."""
        for values in x:
            self.step(values)
