"""A whole device on one network: bits, golden chain, simulation through the pins, bitstream."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from thresh.audio.chain import read_spotter
from thresh.audio.magnitude_front_end import MagnitudeFrontEnd
from thresh.audio.word_end import word_end
from thresh.data.audio_file import clips_in
from thresh.data.inputs import label_of, spread
from thresh.data.stimulus import stimulus_of
from thresh.hw.device_boards import DeviceBoard, find_device_board, shape_for
from thresh.hw.flow.prepared import prepared
from thresh.layout.device.image import device_body
from thresh.layout.device.shape import DeviceShape, hearing_of
from thresh.model.decision import class_names
from thresh.model.network import Network as Integers
from thresh.reports.device.found import DATA
from thresh.reports.device.page import DRAWN, STAGES, write_device_page
from thresh.sim.device.golden import golden_device
from thresh.sim.device.trace import DeviceTrace

from .network import Network, load
from .progress import Chain, Steps, Update
from .simulation import DeviceRun, SimulatedDevice, compared

SILENCE = 0.3
"""Seconds behind every clip, in which its word may still be announced."""


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A recording as the microphone says it.

    Parameters
    ----------
    name : str
    label : str or None
        The class that its name promises.
    stimulus : ndarray of int
    """

    name: str
    label: str | None
    stimulus: np.ndarray


@dataclass(kw_only=True)
class DevicePipeline(Steps):
    """One run of a whole device.

    Parameters
    ----------
    model, source : Path
        Model file and folder of clips.
    board : str
    kind : str
        ``"pdm"`` or ``"i2s"``.
    limit : int or None
        Clips that are heard, evenly spread.
    seeds : sequence of int
        Of place and route.
    """

    DATA: ClassVar[str] = DATA

    model: Path
    source: Path
    board: str
    kind: str
    limit: int | None
    seeds: Sequence[int]
    loaded: Network = field(init=False)
    network: Integers = field(init=False)
    device: DeviceBoard = field(init=False)
    shape: DeviceShape = field(init=False)
    clips: list[Clip] = field(init=False)
    golden: list[DeviceTrace] = field(init=False)

    def stages(self) -> list[list[Chain]]:
        """From clips to bitstream: what is simulated, and beside it what is built."""
        self.device = find_device_board(self.board)
        title = self.device.board.title
        self.data |= {"board": self.board, "board_title": title, "kind": self.kind}
        return [
            [{"network for the flash": self.lay_out}],
            [
                {"tools": self.prepare},
                {
                    "clips to a microphone's bits": self.hear,
                    "golden device": self.run_golden,
                    "device against golden": self.simulate,
                },
                {f"bitstream for {title}": self.bitstream},
            ],
            [{"room and current, estimated": self.estimate}],
        ]

    @property
    def equal(self) -> bool:
        """Whether every integer of the simulation was the golden device's."""
        return not self.data["simulation"]["differences"]

    def write_page(self) -> Path:
        """Write the page of what was found."""
        return write_device_page(self.folder)

    def lay_out(self, update: Update) -> str:
        """Read the network, and lay it out as a slot of the flash holds it."""
        self.loaded = load(self.model)
        self.network = self.loaded.integers
        self.data["network"] = self.network.name
        self.shape = shape_for(self.device, self.network, self.kind)
        body = device_body(self.network, self.shape, self.device.layout(self.shape))
        self.data["flash"] = {"network_bytes": len(body)}
        return f"{len(body):,} bytes in one of two slots"

    def prepare(self, update: Update) -> str:
        """Find the tools of the flow, whose wheels compile themselves the first time."""
        return prepared(self.device.board)

    def hear(self, update: Update) -> str:
        """Make the microphone's bits or words of the clips."""
        paths = spread(clips_in(self.source), self.limit)
        self.clips = []
        for done, path in enumerate(paths, start=1):
            stimulus, _ = stimulus_of(path, self.shape.microphone, self.shape.rate, silence=SILENCE)
            label = label_of(path.stem, self.network.classes)
            self.clips.append(Clip(name=path.name, label=label, stimulus=stimulus))
            update(done, len(paths))
        said = sum(len(clip.stimulus) for clip in self.clips)
        return f"{len(paths)} clips, {said:,} {'bits' if self.kind == 'pdm' else 'words'}"

    def run_golden(self, update: Update) -> str:
        """Run the golden device on every clip."""
        self.golden = []
        for done, clip in enumerate(self.clips, start=1):
            microphone = self.shape.microphone
            self.golden.append(golden_device(self.network, clip.stimulus, microphone=microphone))
            update(done, len(self.clips))
        frames = sum(trace.frames for trace in self.golden)
        events = sum(int(trace.stages["events"].sum()) for trace in self.golden) / frames
        return f"{frames:,} frames, {events:.1f} events per frame"

    def simulate(self, update: Update) -> str:
        """Give every clip's bits to the pins of the compiled device, and compare every integer."""
        device = SimulatedDevice(self.device, self.network, self.kind, self.folder / "sim")
        stimuli = [clip.stimulus for clip in self.clips]
        # The longer chain, that of the bitstream, has a core of its own.
        pool = ThreadPoolExecutor(max(1, (os.cpu_count() or 1) - bool(self.seeds)))
        runs = []
        try:
            for run in pool.map(device.run, stimuli, range(1, len(stimuli) + 1)):
                runs.append(run)
                update(len(runs), len(stimuli))
        finally:
            pool.shutdown(cancel_futures=True)
        self._keep(runs)
        integers, differences = compared(runs)
        verdict = "all equal"
        if differences:
            verdict = f"{len(differences)} clips DIFFER, first: {differences[0]}"
        cycles = self.data["simulation"]["cycles_per_frame"]
        return f"{integers:,} integers, {verdict}; {cycles:,.0f} cycles per frame"

    def bitstream(self, update: Update) -> str:
        """Synthesise, place and route."""
        options: dict[str, Any] = {"device": self.kind, "jobs": min(2, os.cpu_count() or 1)}
        accelerator = self.loaded.compile(self.board)
        made = accelerator.build(self.folder / self.board, seeds=self.seeds, **options)
        self.data["build"] = made.to_dict() | {"tools": made.result.tools}
        return made.summary

    def estimate(self, update: Update) -> str:
        """Estimate the cells of every block and what every part draws."""
        activity = self.loaded.measure(self.source)
        found = self.loaded.estimate(self.board, device=self.kind, activity=activity)
        said = found.to_dict()
        core = dict(said["core_ma"])
        total = core.pop("total")
        parts = core | said["others_ma"]
        self.data["blocks"] = said["blocks"]
        self.data["current"] = {"core_ma": total, "parts": parts, "source": said["note"]}
        return f"{total:.2f} mA on the core's rail of {sum(parts.values()):.2f} mA in all"

    def _keep(self, runs: list[DeviceRun]) -> None:
        """What the page shows of the runs."""
        names, front_end = class_names(self.network), hearing_of(self.network)[0]
        rows: list[dict[str, Any]] = []
        for clip, run in zip(self.clips, runs, strict=True):
            end = word_end(run.trace.stages["samples"], self.shape.rate)
            times = [seconds for seconds, _ in run.at_pins]
            rows.append(
                {
                    "name": clip.name,
                    "label": clip.label,
                    "heard": [names[label] for _, label in run.at_pins],
                    "seconds": times,
                    "word_end": end,
                    "pin_ms": None if end is None or not times else 1000 * (times[0] - end),
                    "frames": run.trace.frames,
                }
            )
        integers, differences = compared(runs)
        cycles = np.concatenate([run.cycles[1:] for run in runs]).astype(float)
        frames_per_second = self.shape.rate / front_end.hop
        after = [
            1000 * (seconds - (one.frame * front_end.hop + front_end.window) / self.shape.rate)
            for run in runs
            for one, (seconds, _) in zip(run.announcements, run.at_pins, strict=True)
        ]
        late = [row["pin_ms"] for row in rows if row["pin_ms"] is not None]
        self.data["clips"] = rows
        self.data["simulation"] = {
            "integers": integers,
            "differences": differences,
            "cycles_per_frame": float(cycles.mean()),
            "core_mhz": self.device.core_hz / 1e6,
            "share_awake": float(cycles.mean()) * frames_per_second / self.device.core_hz,
            "pin_ms": float(np.median(late)) if late else None,
            "frame_ms": float(np.max(after)) if after else None,
        }
        self._keep_drawn(runs, rows, front_end)

    def _keep_drawn(
        self, runs: list[DeviceRun], rows: list[dict[str, Any]], front_end: MagnitudeFrontEnd
    ) -> None:
        place = max(range(len(runs)), key=lambda number: runs[number].trace.frames)
        spotter, run, row = read_spotter(self.network), runs[place], rows[place]
        assert spotter is not None
        self.data["drawn"] = {
            "name": row["name"],
            "rate": self.shape.rate,
            "hop": front_end.hop,
            "window": front_end.window,
            "output_frac": self.network.output_frac,
            "classes": list(class_names(self.network)),
            "thresholds": list(spotter.thresholds),
            "heard": row["heard"],
            "seconds": row["seconds"],
            "word_end": row["word_end"],
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, Any] = {name: run.trace.stages[name] for name in STAGES}
        np.savez_compressed(self.folder / DRAWN, **arrays)
