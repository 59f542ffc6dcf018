"""Measure a GRU that outgrows the chip: its columns come from ULX3S's SDRAM, refresh included.

The whole core runs compiled beside the timing model of the chip. After every step the outputs are
the golden model's, and after the last one every integer that is kept. Effective operations are
those of the dense network, two per weight; activity is the share of values that fire.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.measurement import Measurement
from thresh.gateware.core import Core
from thresh.gateware.sdram.sdram_setup import SdramSetup
from thresh.hw.families import FAMILIES
from thresh.layout.geometry import Geometry
from thresh.layout.link import Region
from thresh.layout.sdram_chip import ULX3S_SDRAM
from thresh.layout.sdram_image import SdramImage, build_sdram_image
from thresh.model.network import Network
from thresh.sim.comparison import Comparison
from thresh.sim.engines.sdram_core import CompiledSdramCore

from .activity import changing_inputs, echoing_network, warm_up
from .chip_bench import ChipBench

CLOCK_HZ = 120e6
LAYERS, UNITS, INPUTS = 2, 768, 40
ACTIVITIES = (0.03, 0.1, 0.3, 1)
STEPS = 4

GEOMETRY = Geometry(
    columns="sdram", sparse=True, lanes=16, pointwise_lanes=2, weight_depth=4096,
    accumulator_depth=4096, state_depth=1024, value_depth=2048, packet_bytes=4096,
)  # fmt: skip
"""Sums and state of 2 x 768 units; the lanes are two, as the SDRAM brings two weights a cycle."""

NIBBLES = replace(GEOMETRY, lanes=32, pointwise_lanes=4, weight_bits=4)
"""The same of weights of 4 bits, which come four to a word."""

CASES = {f"{activity:g}": (GEOMETRY, activity) for activity in ACTIVITIES} | {
    f"4-bit-{activity:g}": (NIBBLES, activity) for activity in ACTIVITIES[:2]
}


class SdramBench(ChipBench, CompiledSdramCore):
    """The core whose columns come from SDRAM, and its chip.

    Parameters
    ----------
    folder : path
        Of compiled simulators.
    geometry : Geometry
    open_memories : bool
        As `thresh.sim.engines.compiled.compile_verilog` takes it.
    """

    def __init__(
        self, folder: Path, geometry: Geometry = GEOMETRY, *, open_memories: bool = False
    ) -> None:
        self.geometry = geometry
        setup = SdramSetup(chip=ULX3S_SDRAM, clock_hz=CLOCK_HZ)
        primitives = FAMILIES["ecp5"].primitives
        core = Core(geometry=geometry, primitives=primitives, sdram=setup)
        super().__init__(core, CLOCK_HZ, folder, open_memories=open_memories)

    def load_network(self, network: Network, sparse: bool | None = None) -> SdramImage:
        """Lay a network out, load it, and begin a sequence."""
        image = build_sdram_image(network, self.geometry, ULX3S_SDRAM, sparse)
        self.load(image)
        self.new_sequence()
        return image

    def row(self, network: Network, activity: float, sparse: bool | None = None) -> dict[str, Any]:
        """One measurement."""
        warm = warm_up(network)
        x = changing_inputs(network, activity, warm + STEPS)
        image = self.load_network(network, sparse)
        comparison = Comparison(network, self.plan)
        comparison.new_sequence()
        cycles, words = [], []
        for number, values in enumerate(x):
            before = self.chip.busy
            cycles.append(self.step(values))
            words.append(self.chip.busy - before)
            comparison.advance(values)
            layer = self.plan.layers[-1].h_base
            count = UNITS // self.geometry.pointwise_lanes
            seen = np.array(self.read(Region.STATE, range(layer, layer + count)), "<u8")
            outputs = (
                seen.view("<i2").reshape(count, 4)[:, : self.geometry.pointwise_lanes].reshape(-1)
            )
            if not np.array_equal(outputs, comparison.model.layers[-1].h[0]):
                raise RuntimeError(f"Step {number} differs from the golden model")
        if comparison.compare(self.observe(), "the last step"):
            raise RuntimeError(comparison.first_difference)
        mean = float(np.mean(cycles[warm:]))
        seconds = mean / CLOCK_HZ
        return {
            "board": "ulx3s-85f",
            "network": network.name,
            "weights": network.weights,
            "weight_bits": self.geometry.weight_bits,
            "sdram_bytes": image.columns.nbytes,
            "clock_mhz": CLOCK_HZ / 1e6,
            "activity": activity,
            "steps_exact": len(x),
            "integers_compared": comparison.integers,
            "steps_measured": STEPS,
            "cycles": round(mean, 1),
            "words": round(float(np.mean(words[warm:])), 1),
            "bandwidth_used": round(float(np.sum(words[warm:]) / np.sum(cycles[warm:])), 4),
            "frames_per_second": round(1 / seconds, 1),
            "peak_gops": round(2 * self.geometry.pointwise_lanes * CLOCK_HZ / 1e9, 3),
            "effective_gops": round(2 * network.weights / seconds / 1e9, 3),
        }


def measure(case: tuple[Geometry, float], folder: Path) -> Iterator[dict[str, Any]]:
    """The row of an activity."""
    geometry, activity = case
    bench = SdramBench(folder, geometry)
    network = echoing_network(UNITS, LAYERS, INPUTS, weight_bits=geometry.weight_bits)
    yield bench.row(network, activity)
    bench.close()


def say(row: dict[str, Any]) -> str:
    """A row in some words."""
    return (
        f"{row['frames_per_second']:,.0f} frames/s, {row['effective_gops']:.2f} GOp/s, "
        f"{row['bandwidth_used']:.1%} of the pins used"
    )


MEASUREMENT = Measurement(
    about=__doc__,
    module="bench.cycles.sdram_network",
    result="streamed",
    cases=CASES,
    measure=measure,
    say=say,
)

if __name__ == "__main__":
    MEASUREMENT.run()
