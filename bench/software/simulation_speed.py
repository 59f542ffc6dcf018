"""Measure how fast an accelerator is simulated, and the golden model.

The first frames of a clip go through the shipped network on 8 lanes under every engine, all
integers compared after every frame. Three of them run the whole accelerator over its serial pins,
one the core alone. Time counts from the first frame's record to the last one's, by the clock;
``load`` is how many processes ran on the machine. The network's way down the simulated line takes
Icarus Verilog minutes. Results: docs/results/simulation-speed.json.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.pages.markdown import table
from bench.results import RESULTS, ROOT, load
from thresh.data.inputs import load_inputs
from thresh.host.client import Client
from thresh.host.transport import DirectTransport
from thresh.hw.estimates.board_geometry import geometry_for
from thresh.layout.geometry import Geometry
from thresh.layout.image import Image, build_image
from thresh.layout.memories import read_map
from thresh.model.files import write_atomically
from thresh.model.model_file import load_network
from thresh.model.network import Network
from thresh.sim.comparison import Comparison
from thresh.sim.engines.compiled import CompiledLine, compile_verilog
from thresh.sim.engines.serial_engine import DIVISOR, PERIOD
from thresh.sim.golden import GoldenModel
from thresh.sim.observation import record_type, used_words
from thresh.sim.runner import ENGINES
from thresh.simulation import verilog_of

RESULT = RESULTS / "simulation-speed.json"
COMMAND = "python -m bench.software.simulation_speed"
MODEL, CLIP = "examples/digits-gru128.safetensors", "examples/seven.wav"
LANES, FRAMES = 8, 8
BATCH, GOLDEN_FRAMES, ROUNDS = 1024, 50, 7

LABELS = {
    "icarus": "cocotb, Icarus Verilog: accelerator over its serial pins",
    "verilator": "cocotb, Verilator: the same",
    "line": "compiled, no Python between its cycles: the same",
    "compiled": "compiled, the core alone",
}
"""Engines in the order of the table."""

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
        record = np.zeros((), record_type(plan, geometry))
        for values in x:
            step = client.step(values)
            record["outputs"][: plan.outputs] = step.outputs
            record["cycles"] = step.cycles
            for region, count in used_words(plan, geometry).items():
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
    comparison = Comparison(
        network, read_map(image.table, image.header, geometry), geometry.pointwise_lanes
    )
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


def measure(name: str, folder: Path) -> dict[str, Any]:
    """A row: an engine, or the golden model."""
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
    return row | {"load": round(os.getloadavg()[0], 1), "command": f"{COMMAND} --only {name}"}


def show() -> str:
    """The result in Markdown."""
    found = load(RESULT.stem) or {}
    slowest = found["icarus"]["frames_per_second"] if "icarus" in found else None
    lines = [
        [
            label,
            f"{row['integers_compared']:,}",
            f"{row['cycles']:,}",
            f"{row['cycles_per_second'] / 1000:,.0f}",
            f"{row['frames_per_second']:,.2f}",
            f"{row['frames_per_second'] / slowest:,.0f}" if slowest else "",
        ]
        for name, label in LABELS.items()
        if (row := found.get(name))
    ]
    if golden := found.get(GOLDEN):
        label = f"golden model, {golden['batch']:,} sequences side by side"
        lines.append([label, "", "", "", f"{golden['frames_per_second']:,.0f}", ""])
    head = ["engine", "integers compared", "cycles", "1,000 cycles per second"]
    return table([*head, "frames per second", "times the first"], lines)


def main() -> None:
    """Measure, and write the result; `figures.py` shows it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=[*LABELS, GOLDEN])
    found = load(RESULT.stem) or {}
    for name in parser.parse_args().only or [*LABELS, GOLDEN]:
        found[name] = measure(name, ROOT / "build" / "sim")
        print(name, found[name], flush=True)
        write_atomically(RESULT, json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
