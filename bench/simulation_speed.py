"""Measure how fast an accelerator is simulated, and the golden model.

``python bench/simulation_speed.py`` writes docs/results/simulation-speed.json. The first frames of
a clip go through the shipped network on 8 lanes under every engine, all integers compared after
every frame. Three of them run the whole accelerator over its serial pins, one the core alone. Time
counts from the first frame's record to the last one's, by the clock; ``load`` is how many
processes ran on the machine. The network's way down the simulated line takes Icarus Verilog
minutes.
"""

import json
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from page import RESULTS, load, table

from thresh.cli.inputs import load_inputs
from thresh.cli.shape import geometry_for
from thresh.cli.simulation import verilog_of
from thresh.host.client import Client
from thresh.host.transport import DirectTransport
from thresh.model.files import write_atomically
from thresh.model.geometry import Geometry
from thresh.model.image import Image, build_image
from thresh.model.memories import read_map
from thresh.model.model_file import load_network
from thresh.model.network import Network
from thresh.sim.comparison import Comparison
from thresh.sim.compiled import CompiledLine, compile_verilog
from thresh.sim.golden import GoldenModel
from thresh.sim.observation import record_type, used_words
from thresh.sim.runner import ENGINES
from thresh.sim.serial_engine import DIVISOR

ROOT = Path(__file__).parent.parent
RESULT = RESULTS / "simulation-speed.json"
COMMAND = "python bench/simulation_speed.py"
MODEL, CLIP = "examples/digits-gru128.safetensors", "examples/seven.wav"
LANES, FRAMES = 8, 8
BATCH, GOLDEN_FRAMES, ROUNDS = 1024, 50, 7
PERIOD = 10
"""Nanoseconds of a simulated cycle under cocotb."""

LABELS = {
    "icarus": "cocotb, Icarus Verilog: accelerator over its serial pins",
    "verilator": "cocotb, Verilator: the same",
    "line": "compiled, no Python between its cycles: the same",
    "compiled": "compiled, the core alone",
}
"""Engines in the order of the table."""


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
    comparison = Comparison(network, read_map(image.table, image.header, geometry), geometry.serial)
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


def measure(folder: Path) -> dict[str, Any]:
    """Every engine, then the golden model."""
    network = load_network(ROOT / MODEL)
    (item,) = load_inputs(ROOT / CLIP, network)
    geometry = geometry_for(network, lanes=LANES)
    rows = []
    for engine in LABELS:
        # What lasts no longer than a blink is run more often, and the median kept.
        runs = [
            time_engine(engine, network, item.x[:FRAMES], geometry, folder)
            for _ in range(ROUNDS if engine in ("line", "compiled") else 1)
        ]
        middle = sorted(runs, key=lambda run: run["seconds"])[len(runs) // 2]
        rows.append(middle | {"runs": len(runs), "load": round(os.getloadavg()[0], 1)})
        print(rows[-1], flush=True)
    golden = time_golden(network, item.x, BATCH, GOLDEN_FRAMES)
    golden["load"] = round(os.getloadavg()[0], 1)
    print(golden)
    return {
        "command": COMMAND, "model": Path(MODEL).stem, "lanes": LANES, "rows": rows,
        "golden": golden,
    }  # fmt: skip


def show() -> str:
    """The result in Markdown."""
    if (result := load(RESULT.stem)) is None:
        return table([], [])
    rows = result["rows"]
    slowest = rows[0]["frames_per_second"]
    lines = [
        [
            LABELS[row["engine"]],
            f"{row['integers_compared']:,}",
            f"{row['cycles']:,}",
            f"{row['cycles_per_second'] / 1000:,.0f}",
            f"{row['frames_per_second']:,.2f}",
            f"{row['frames_per_second'] / slowest:,.0f}",
        ]
        for row in rows
    ]
    golden = result["golden"]
    lines.append(
        [f"golden model, {golden['batch']:,} sequences side by side", "", "", "",
         f"{golden['frames_per_second']:,.0f}", ""]
    )  # fmt: skip
    head = ["engine", "integers compared", "cycles", "1,000 cycles per second"]
    return table([*head, "frames per second", "times the first"], lines)


def main() -> None:
    """Measure, and write the result; `figures.py` shows it."""
    result = measure(ROOT / "build" / "sim")
    write_atomically(RESULT, json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
