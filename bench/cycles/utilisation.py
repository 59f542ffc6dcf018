"""Measure how well the multipliers are used, over activity, size, depth and lanes.

The core runs compiled, without place and route. Activity is the share of a list's values that
fire, the same for the inputs and for every layer's state; at 0 nothing changes any more. *Dense*
is the same core on the same network when every value changes in every step, so that nothing is
skipped. In every step the cycles in which the multipliers work must be the golden model's events.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from amaranth import Module
from amaranth.back import rtlil
from amaranth.lib.memory import Memory

from bench.hardware.targets import SHAPE, simulated_shapes
from bench.measurement import Measurement
from bench.results import ROOT
from thresh.data.inputs import load_inputs
from thresh.gateware.columns.column_memory import ColumnMemory
from thresh.gateware.core import Core
from thresh.gateware.lib.delayed import delayed
from thresh.gateware.primitives import Primitives
from thresh.gateware.verilog import core_verilog
from thresh.hw.estimates.cycles import core_timing
from thresh.hw.families import FAMILIES
from thresh.hw.flow.circuit import circuit_structure
from thresh.hw.flow.stage import digest
from thresh.layout.geometry import Geometry
from thresh.layout.image import build_image
from thresh.layout.placement import measure
from thresh.model.model_file import load_network
from thresh.model.network import Network
from thresh.performance.cycles import CycleModel
from thresh.sim.engines.compiled import CompiledCore, compile_verilog

from . import edgedrnn
from .activity import changing_inputs, echoing_network, warm_up
from .steps import Steps, run_steps

MODEL, CLIPS = "examples/digits-gru128.safetensors", "examples"

ACTIVITIES = (0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1)
FEW = (0.03, 0.1, 1)
SHAPES = {
    (1, 128): ACTIVITIES, (2, 128): ACTIVITIES, (2, 256): ACTIVITIES, (1, 64): FEW,
    (1, 256): FEW, (1, 512): FEW, (1, 1024): FEW, (3, 128): FEW, (4, 128): FEW,
}  # fmt: skip
"""Layers and units, and the activities they run at."""

UNITS = 128
"""Of the network whose weights and inputs stand for all in a key."""

WORDS = 65536
"""Words of weights that an accelerator can have."""
BUDGET = 300_000
"""Cycles of one row, about."""


def plain_memory(kind: type[ColumnMemory]) -> type[ColumnMemory]:
    """A weight memory of the same latency without banks: many thousand words simulate fast."""

    class PlainMemory(ColumnMemory):
        latency = kind.latency

        def elaborate(self, platform):
            m = Module()
            m.submodules.memory = memory = Memory(shape=self.width, depth=self.depth, init=[])
            read, write = memory.read_port(), memory.write_port()
            m.d.comb += [
                read.addr.eq(self.read_address),
                write.en.eq(self.write_enable),
                write.addr.eq(self.write_address),
                write.data.eq(self.write_data),
                self.read_data.eq(delayed(m, read.data, self.latency - 1, "word")[-1]),
            ]
            return m

    return PlainMemory


class Bench:
    """A core that holds every network of the bench.

    Parameters
    ----------
    family : str
    lanes, pointwise_lanes, weight_bits, value_bits : int
    folder : Path
        Of compiled simulators.
    """

    def __init__(
        self,
        family: str,
        lanes: int,
        pointwise_lanes: int,
        weight_bits: int,
        value_bits: int,
        *,
        folder: Path,
    ) -> None:
        # On UP5K: the twins of its multipliers and memory, whose latencies add up to the same.
        primitives = Primitives() if family == "ice40" else FAMILIES[family].primitives
        primitives = replace(primitives, column_memory=plain_memory(primitives.column_memory))
        self.family = family
        geometry = Geometry(
            lanes=lanes, pointwise_lanes=pointwise_lanes, weight_bits=weight_bits,
            value_bits=value_bits, weight_depth=WORDS, accumulator_depth=16384,
            state_depth=4096, value_depth=4096,
            packet_bytes=4096,
        )  # fmt: skip
        self.geometry = geometry
        self.timing = core_timing(geometry, primitives)
        self._primitives = primitives
        self._folder = folder

    def rtlil(self) -> str:
        """The core, before synthesis."""
        core = Core(geometry=self.geometry, primitives=self._primitives)
        return rtlil.convert(core, name="thresh_core", emit_src=False)

    def rows(self) -> Iterator[dict[str, Any]]:
        """All measurements."""
        source = core_verilog(geometry=self.geometry, primitives=self._primitives)
        library = compile_verilog(source, "thresh_core", self._folder)
        self.core = CompiledCore(self.geometry, library)
        formats = {name: getattr(self.geometry, name) for name in SHAPE[3:]}
        try:
            for (layers, units), activities in SHAPES.items():
                network = echoing_network(units, layers, **formats)
                if measure(network, self.geometry).weight_words <= WORDS:
                    yield from self._shape(network, activities)
            if network.weight_bits == load_network(ROOT / MODEL).weight_bits:
                yield self._recordings()
        finally:
            self.core.close()

    def _load(self, network: Network) -> None:
        self.core.load(build_image(network, self.geometry))
        self.core.new_sequence()
        # The walker reads a new layer table in the first step.
        self.core.run(np.zeros((1, network.inputs), np.int64))

    def _model(self, network: Network) -> CycleModel:
        return CycleModel(measure(network, self.geometry), self.timing)

    def _shape(self, network: Network, activities: tuple[float, ...]) -> Iterator[dict[str, Any]]:
        self._load(network)
        warm, most = (
            warm_up(network),
            self._model(network).worst(),
        )
        measured = {}
        for activity in activities:
            steps = int(np.clip(BUDGET / (activity * most + 500), 16, 200))
            x = changing_inputs(network, activity, warm + steps)
            measured[activity] = run_steps(self.core, self.timing, network, x, warm)
        dense = float(measured[1].cycles.mean()), float(measured[1].ideal.mean())
        for activity, steps in measured.items():
            yield self._row(network, activity, steps, dense)

    def _recordings(self) -> dict[str, Any]:
        network = load_network(ROOT / MODEL)
        clips = [item.x for item in load_inputs(ROOT / CLIPS, network)]
        quiet, loud = (self._run(other, clips) for other in (network, without_thresholds(network)))
        values = [(layer.hidden, layer.inputs) for layer in network.layers]
        activity = float(quiet.events.mean() / sum(map(sum, values)))
        model = self._model(network)
        row = self._row(network, round(activity, 4), quiet, (model.worst(), model.ideal(values)))
        cycles = round(float(loud.cycles.mean()), 2)
        return row | {
            "network": Path(MODEL).stem, "recordings": CLIPS, "threshold_off_cycles": cycles,
        }  # fmt: skip

    def _run(self, network: Network, clips: list[np.ndarray]) -> Steps:
        self._load(network)
        return Steps.join([run_steps(self.core, self.timing, network, x) for x in clips])

    def _row(
        self, network: Network, activity: float, steps: Steps, dense: tuple[float, float]
    ) -> dict[str, Any]:
        layers = len(network.layers)
        return {
            "family": self.family,
            **{name: getattr(self.geometry, name) for name in SHAPE[1:]},
            "network": network.name,
            "layers": layers,
            "inputs": network.inputs,
            "weights": network.weights,
            "activity": activity,
            "steps": len(steps.cycles),
            "cycles": {
                "min": int(steps.cycles.min()),
                "mean": round(float(steps.cycles.mean()), 2),
                "max": int(steps.cycles.max()),
            },
            "ideal_cycles": round(float(steps.ideal.mean()), 2),
            "utilisation": round(float(steps.ideal.sum() / steps.cycles.sum()), 4),
            "sustained": {
                "cycles": round(float(steps.sustained.mean()), 2),
                "utilisation": round(float(steps.ideal.sum() / steps.sustained.sum()), 4),
            },
            "fixed_cycles_per_layer": round((dense[0] - dense[1]) / layers, 2),
            "worst_cycles": self._model(network).worst(),
            "predicted_cycles": round(float(steps.predicted.mean()), 2),
            "dense": {
                "cycles": round(dense[0], 2),
                "utilisation": round(dense[1] / dense[0], 4),
            },
            "edgedrnn": {
                "cycles": round(float(steps.peer.mean()), 2),
                "utilisation": round(float(steps.ideal.sum() / steps.peer.sum()), 4),
            },
        }  # fmt: skip


def without_thresholds(network: Network) -> Network:
    """The same network, in which every change is sent."""
    layers = [replace(layer, threshold_x=0, threshold_h=0) for layer in network.layers]
    return replace(network, layers=tuple(layers))


def measure_shape(shape: tuple[Any, ...], folder: Path) -> Iterator[dict[str, Any]]:
    """All rows of a core."""
    return Bench(*shape, folder=folder).rows()


def key(shape: tuple[Any, ...], folder: Path) -> str:
    """Digest of a core and of what it is fed with."""
    bench = Bench(*shape, folder=folder)
    return key_of(circuit_structure(bench.rtlil(), folder / "circuit"), shape)


def key_of(circuit: str, shape: tuple[Any, ...]) -> str:
    """`key` of a core whose structure is known."""
    network = echoing_network(UNITS, 2, weight_bits=shape[3], value_bits=shape[4])
    x = changing_inputs(network, max(FEW) / 2, BUDGET // 1000)
    fed = [x, *(array for layer in network.layers for array in (layer.weight_x, layer.weight_h))]
    text = repr((circuit, shape, ACTIVITIES, FEW, SHAPES, WORDS, BUDGET, edgedrnn.PUBLISHED))
    return digest(text.encode() + b"".join(array.tobytes() for array in fed))[:12]


def name_of(shape: tuple[Any, ...]) -> str:
    """A shape in short."""
    family, lanes, pointwise_lanes, weight_bits, value_bits = shape
    return f"{family}-{lanes}x{pointwise_lanes}-{weight_bits}w-{value_bits}v"


def say(row: dict[str, Any]) -> str:
    """A row in some words."""
    return (
        f"{row['network']}, {row['activity']:.1%} active: {row['cycles']['mean']:,.0f} cycles, "
        f"{row['utilisation']:.1%} used"
    )


MEASUREMENT = Measurement(
    about=__doc__,
    module="bench.cycles.utilisation",
    result="utilisation",
    cases={name_of(shape): shape for shape in simulated_shapes()},
    measure=measure_shape,
    say=say,
    key=key,
)

if __name__ == "__main__":
    MEASUREMENT.run()
