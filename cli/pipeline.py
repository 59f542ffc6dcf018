"""The demo's steps: audio, golden model, image, Verilog, simulation, bitstream."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from thresh.data.inputs import Sequence as Input
from thresh.data.inputs import load_inputs, spread
from thresh.hw.boards import BOARDS
from thresh.hw.estimates.board_geometry import board_geometry
from thresh.hw.flow.build import build
from thresh.layout.image import Image, build_image, save_image
from thresh.model.files import write_atomically
from thresh.model.model_file import load_network
from thresh.model.network import Network
from thresh.reports.page import ACTIVITY
from thresh.sim.golden_runs import GoldenRun, delta_fetches, dense_fetches, rasters, run_golden

from . import build as board_build
from . import simulation
from .golden import summary
from .image import usage
from .output import Update
from .verilog import TOP, sources

Step = Callable[[Update], str]
"""Does its part and returns the result in one line."""

LINE_CLIPS = 10
"""Most clips that are simulated over the serial line, a hundred times slower than the core."""


@dataclass(kw_only=True)
class Pipeline:
    """One run of the whole line; every step leaves what the later ones need.

    Parameters
    ----------
    model, source, folder : Path
        Model file, clips, and where everything is written.
    board : str
    split : str
        Part of ``source``.
    limit : int or None
        Clips for the simulated core, evenly spread; all are heard.
    engine : str
    seeds : sequence of int
    """

    model: Path
    source: Path
    folder: Path
    board: str
    split: str
    limit: int | None
    engine: str
    seeds: Sequence[int]
    data: dict[str, Any] = field(default_factory=dict)
    network: Network = field(init=False)
    inputs: list[Input] = field(init=False)
    runs: list[GoldenRun] = field(init=False)
    image: Image = field(init=False)

    def stages(self) -> list[dict[str, Step]]:
        """Steps by what people call them; those of one stage may run side by side."""
        return [
            {"audio to features": self.hear},
            {"golden model": self.golden},
            {"network image": self.lay_out},
            {"Verilog": self.verilog},
            {"core against golden": self.simulate_core},
            {
                "accelerator against golden": self.simulate_line,
                f"bitstream for {BOARDS[self.board].title}": self.bitstream,
            },
        ]

    def hear(self, update: Update) -> str:
        """Read the network and the clips."""
        self.network = load_network(self.model)
        self.inputs = load_inputs(self.source, self.network, split=self.split)
        frames = sum(len(item.x) for item in self.inputs)
        self.data["network"] = self.network.name
        return f"{len(self.inputs)} clips, {frames:,} frames of {self.network.inputs} inputs"

    def golden(self, update: Update) -> str:
        """Run the golden model on every clip."""
        self.runs = run_golden(self.network, [item.x for item in self.inputs], update)
        self.data["golden"] = data = summary(self.network, self.inputs, self.runs)
        self._keep_activity()
        right = round(data["accuracy"] * len(self.inputs)) if "accuracy" in data else None
        heard = f"{right} of {len(self.inputs)} heard right, " if right is not None else ""
        less = (
            f"{data['reduction']:.1f} x fewer weights fetched" if data["reduction"] else "no work"
        )
        return f"{heard}{data['events_per_frame']:.1f} events per frame, {less} than dense"

    def _keep_activity(self) -> None:
        """What the report draws, of the longest clip."""
        longest = max(range(len(self.inputs)), key=lambda place: len(self.inputs[place].x))
        self.data["drawn"] = self.inputs[longest].name
        self.data["dense_fetches_per_frame"] = dense_fetches(self.network)
        arrays: dict[str, Any] = rasters(self.network, self.inputs[longest].x)
        arrays["fetches"] = delta_fetches(self.network, self.runs[longest])
        self.folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(self.folder / ACTIVITY, **arrays)

    def lay_out(self, update: Update) -> str:
        """Lay the network out for the board."""
        self.image = build_image(self.network, board_geometry(self.board, network=self.network))
        save_image(self.image, self.folder / "network.img")
        self.data["image"] = used = usage(self.image)
        words = used["memories"]["weights"]
        return f"{used['bytes']:,} bytes, {words['used']:,} of {words['available']:,} weight words"

    def verilog(self, update: Update) -> str:
        """Write the accelerator as Verilog."""
        files = sources(self.image, clock_hz=BOARDS[self.board].clock_hz)
        for name, text in files.items():
            write_atomically(self.folder / "verilog" / name, text)
        for name in simulation.MODULES:
            simulation.verilog_of(self.image.geometry, name)
        lines = str(files[f"{TOP}.v"]).count("\n")
        return f"{lines:,} lines for {self.image.geometry.lanes} lanes"

    def simulate_core(self, update: Update) -> str:
        """Simulate the core, compiled, on many clips."""
        return self._simulate("sim_core", spread(self.inputs, self.limit), "compiled", update)

    def simulate_line(self, update: Update) -> str:
        """Simulate the whole accelerator over its serial line on some of them."""
        chosen = spread(spread(self.inputs, self.limit), LINE_CLIPS)
        return self._simulate("sim", chosen, self.engine, update)

    def _simulate(self, name: str, chosen: list[Input], engine: str, update: Update) -> str:
        result = simulation.run_simulation(
            self.network,
            [item.x for item in chosen],
            self.image.geometry,
            engine=engine,
            folder=self.folder / "sim",
            update=update,
        )
        self.data[name] = data = simulation.as_data(result) | {"sequences": len(chosen)}
        verdict = (
            "all equal"
            if not result.mismatches
            else f"{result.mismatches:,} DIFFER, first: {result.first_difference}"
        )
        return (
            f"{len(chosen)} clips, {data['frames']:,} frames, {data['integers_compared']:,} "
            f"integers, {verdict}; {data['cycles_per_frame']['mean']:,.0f} cycles per frame, "
            f"multipliers busy {data['utilisation']:.1%}"
        )

    def bitstream(self, update: Update) -> str:
        """Synthesise, place and route."""
        result = build(
            BOARDS[self.board],
            self.image,
            out_dir=self.folder / self.board,
            seeds=self.seeds,
            jobs=min(2, os.cpu_count() or 1),
        )
        self.data["build"] = board_build.as_data(result) | {"tools": result.tools}
        return f"{result.bitstream.name}; {board_build.verdict(result)}"
