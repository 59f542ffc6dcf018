"""The whole line on one network: audio, golden model, image, Verilog, simulation, bitstream."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from thresh.data.inputs import Sequence as Input
from thresh.data.inputs import load_inputs, spread
from thresh.hw.board import Board
from thresh.hw.flow.prepared import prepared
from thresh.reports.evaluation import Evaluation
from thresh.reports.page import ACTIVITY, DATA, write_page
from thresh.sim.golden_runs import delta_fetches, dense_fetches, rasters

from .accelerator import Accelerator
from .network import Network, load
from .progress import Chain, Steps, Update
from .simulation import ACCELERATOR, CORE, verilog_of

LINE_CLIPS = 10
"""Most clips that are simulated over the serial line, a hundred times slower than the core."""


@dataclass(kw_only=True)
class Pipeline(Steps):
    """One run of the whole line.

    Parameters
    ----------
    model, source : Path
        Model file and clips.
    board : `thresh.hw.board.Board`
    split : str
        Part of ``source``.
    limit : int or None
        Clips for the simulated core, evenly spread; all are heard.
    engine : str
    seeds : sequence of int
    """

    DATA: ClassVar[str] = DATA

    model: Path
    source: Path
    board: Board
    split: str
    limit: int | None
    engine: str
    seeds: Sequence[int]
    network: Network = field(init=False)
    inputs: list[Input] = field(init=False)
    accelerator: Accelerator = field(init=False)

    def stages(self) -> list[list[Chain]]:
        """From audio to bitstream: what is simulated, and beside it what is built."""
        self.data |= {"board": self.board.name, "board_title": self.board.title}
        return [
            [{"network image": self.lay_out}],
            [
                {"tools": self.prepare},
                {
                    "audio to features": self.hear,
                    "golden model": self.golden,
                    "Verilog": self.verilog,
                    "core against golden": self.simulate_core,
                    "accelerator against golden": self.simulate_line,
                },
                {f"bitstream for {self.board.title}": self.bitstream},
            ],
        ]

    @property
    def equal(self) -> bool:
        """Whether every integer of both simulations was the golden model's."""
        return not (self.data["sim"]["mismatches"] or self.data["sim_core"]["mismatches"])

    def write_page(self) -> Path:
        """Write the page of what was found."""
        return write_page(self.folder)

    def lay_out(self, update: Update) -> str:
        """Read the network and lay it out for the board."""
        self.network = load(self.model)
        self.data["network"] = self.network.name
        self.accelerator = self.network.compile(self.board)
        placed = self.accelerator.write_image(self.folder / "network.img")
        data = placed.to_dict()
        self.data["image"] = {
            name: data[name] for name in data if name not in ("board", "image")
        }  # fmt: skip
        return placed.summary

    def prepare(self, update: Update) -> str:
        """Find the tools of the flow, whose wheels compile themselves the first time."""
        return prepared(self.board)

    def hear(self, update: Update) -> str:
        """Read the clips."""
        self.inputs = load_inputs(self.source, self.network.integers, split=self.split)
        frames = sum(len(item.x) for item in self.inputs)
        return f"{len(self.inputs)} clips, {frames:,} frames of {self.network.inputs} inputs"

    def golden(self, update: Update) -> str:
        """Run the golden model on every clip."""
        found = self.network.evaluate(self.inputs, progress=update)
        self.data["golden"] = data = found.to_dict()
        self._keep_activity(found)
        right = round(data["accuracy"] * len(self.inputs)) if "accuracy" in data else None
        heard = f"{right} of {len(self.inputs)} heard right, " if right is not None else ""
        less = (
            f"{data['reduction']:.1f} x fewer weights fetched" if data["reduction"] else "no work"
        )
        return f"{heard}{data['events_per_frame']:.1f} events per frame, {less} than dense"

    def _keep_activity(self, found: Evaluation) -> None:
        """What the report draws, of the longest clip."""
        network = self.network.integers
        longest = max(range(len(self.inputs)), key=lambda place: len(self.inputs[place].x))
        self.data["drawn"] = self.inputs[longest].name
        self.data["dense_fetches_per_frame"] = dense_fetches(network)
        arrays: dict[str, Any] = rasters(network, self.inputs[longest].x)
        arrays["fetches"] = delta_fetches(network, found.runs[longest])
        self.folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(self.folder / ACTIVITY, **arrays)

    def verilog(self, update: Update) -> str:
        """Write the accelerator as Verilog."""
        clock_mhz = self.board.clock_hz / 1e6
        written = self.accelerator.write_verilog(self.folder / "verilog", clock_mhz=clock_mhz)
        for name in (CORE, ACCELERATOR):
            verilog_of(self.accelerator.geometry, name)
        return f"{written.lines:,} lines for {self.accelerator.lanes} lanes"

    def simulate_core(self, update: Update) -> str:
        """Simulate the core, compiled, on many clips."""
        return self._simulate("sim_core", spread(self.inputs, self.limit), "compiled", update)

    def simulate_line(self, update: Update) -> str:
        """Simulate the whole accelerator over its serial line on some of them."""
        chosen = spread(spread(self.inputs, self.limit), LINE_CLIPS)
        return self._simulate("sim", chosen, self.engine, update)

    def _simulate(self, name: str, chosen: list[Input], engine: str, update: Update) -> str:
        found = self.accelerator.simulate(
            chosen, engine=engine, folder=self.folder / "sim", progress=update
        )
        self.data[name] = found.to_dict() | {"sequences": len(chosen)}
        return f"{len(chosen)} clips, {found.summary}"

    def bitstream(self, update: Update) -> str:
        """Synthesise, place and route."""
        made = self.accelerator.build(
            self.folder / self.board.name, seeds=self.seeds, jobs=min(2, os.cpu_count() or 1)
        )
        self.data["build"] = made.to_dict() | {"tools": made.result.tools}
        return made.summary
