"""Measure how fast an accelerator is simulated, and the golden model.

The first frames of a clip go through the shipped network on 8 lanes under every engine, all
integers compared after every frame. Three of them run the whole accelerator over its serial pins,
one the core alone. Time counts from the first frame's record to the last one's, by the clock;
``load`` is how many processes ran on the machine. The network's way down the simulated line takes
Icarus Verilog minutes.
"""

import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.measurement import Measurement
from bench.results import ROOT
from thresh.data.inputs import load_inputs
from thresh.host.client import Client
from thresh.host.transport import DirectTransport
from thresh.hw.estimates.board_geometry import geometry_for
from thresh.layout.geometry import Geometry
from thresh.layout.image import Image, build_image
from thresh.layout.memories import read_map
from thresh.model.model_file import load_network
from thresh.model.network import Network
from thresh.sim.comparison import Comparison
from thresh.sim.engines.compiled import CompiledLine, compile_verilog
from thresh.sim.engines.serial_engine import DIVISOR, PERIOD
from thresh.sim.golden import GoldenModel
from thresh.sim.observation import record_type, used_words
from thresh.sim.runner import ENGINES
from thresh.simulation import verilog_of

MODEL, CLIP = "examples/digits-gru128.safetensors", "examples/seven.wav"
LANES, FRAMES = 8, 8
BATCH, GOLDEN_FRAMES, ROUNDS = 1024, 50, 7

ENGINE_NAMES = ("icarus", "verilator", "line", "compiled")
GOLDEN = "golden"


def observe_compiled_line(image: Image, x: np.ndarray, folder: Path) -> Iterator[np.void]:
    """Records of every step of the compiled accelerator, asked over its serial pins."""
    name, geometry = "thresh_accelerator", image.geometry
    line = CompiledLine(compile_verilog(verilog_of(geometry, name), name, folder), DIVISOR)
    try:
        client = Client(DirectTransport(line))
        client.load(image)
        client.new_sequence()
        plan = client.plan
        record = np.zeros((), record_type(plan))
        for values in x:
            step = client.step(values)
            record["outputs"][: plan.outputs] = step.outputs
            record["cycles"] = step.cycles
            for region, count in used_words(plan).items():
                record[region.name] = client.read(region, 0, count)
            record["time"] = line.cycles * PERIOD
            yield record[()]
    finally:
        line.close()


def time_engine(
    engine: str, network: Network, x: np.ndarray, geometry: Geometry, folder: Path
) -> dict[str, Any]:
    """Run ``x`` and compare every integer; the time of all frames but the first.

    Raises
    ------
    RuntimeError
        When integers differ.
    """
    image = build_image(network, geometry)
    comparison = Comparison(network, read_map(image.table, image.header, geometry))
    if engine == "line":
        records = observe_compiled_line(image, x, folder)
    else:
        records = ENGINES[engine](
            image, [x], lambda name: verilog_of(geometry, name), folder, False
        )
    comparison.new_sequence()
    when, cycles = [], []
    for step, values in enumerate(x):
        record = next(records)
        comparison.step(values, record, f"step {step}")
        when.append(time.perf_counter())
        cycles.append(int(record["time"]) // PERIOD)
    records.close()
    if comparison.mismatches:
        raise RuntimeError(comparison.first_difference)
    seconds, frames = when[-1] - when[0], len(x) - 1
    # The core alone has no time but that of its steps.
    simulated = cycles[-1] - cycles[0] or sum(comparison.measured[1:])
    return {
        "engine": engine,
        "frames": frames,
        "integers_compared": comparison.integers,
        "cycles": simulated,
        "seconds": seconds,
        "cycles_per_second": simulated / seconds,
        "frames_per_second": frames / seconds,
    }


def time_golden(network: Network, x: np.ndarray, batch: int, frames: int) -> dict[str, Any]:
    """Frames per second of the golden model, each sequence from another frame of ``x`` on."""
    starts = np.random.default_rng(1).integers(0, len(x), batch)
    order = (starts[:, None] + np.arange(frames)) % len(x)
    seconds = []
    for _ in range(ROUNDS):
        model, start = GoldenModel(network, batch), time.perf_counter()
        model.run(x[order])
        seconds.append(time.perf_counter() - start)
    return {
        "batch": batch,
        "frames": batch * frames,
        "seconds": statistics.median(seconds),
        "frames_per_second": batch * frames / statistics.median(seconds),
    }


def measure(name: str, folder: Path) -> Iterator[dict[str, Any]]:
    """The row of an engine, or of the golden model."""
    network = load_network(ROOT / MODEL)
    (item,) = load_inputs(ROOT / CLIP, network)
    if name == GOLDEN:
        row = time_golden(network, item.x, BATCH, GOLDEN_FRAMES)
    else:
        # What lasts no longer than a blink is run more often, and the median kept.
        runs = [
            time_engine(name, network, item.x[:FRAMES], geometry_for(network, lanes=LANES), folder)
            for _ in range(ROUNDS if name in ("line", "compiled") else 1)
        ]
        row = sorted(runs, key=lambda run: run["seconds"])[len(runs) // 2] | {"runs": len(runs)}
    yield row | {"load": round(os.getloadavg()[0], 1)}


MEASUREMENT = Measurement(
    about=__doc__,
    module="bench.software.simulation_speed",
    result="simulation-speed",
    cases={name: name for name in (*ENGINE_NAMES, GOLDEN)},
    measure=measure,
    say=lambda row: f"{row['frames_per_second']:,.2f} frames per second",
)

if __name__ == "__main__":
    MEASUREMENT.run()
