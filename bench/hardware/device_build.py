"""Place and route devices, pins and clocks and all, and count the cells of their blocks.

Three seeds each; of iCEBreaker also the logic cells block by block, synthesised without going
across their borders. Results: docs/results/device-build.json.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.cycles.activity import echoing_network
from bench.measurement import Measurement, Row
from bench.results import ROOT
from thresh.audio.magnitude_front_end import MagnitudeFrontEnd
from thresh.audio.spotter import Spotter
from thresh.hw.board import Board
from thresh.hw.device_boards import DEVICE_BOARDS, DeviceBoard, shape_for
from thresh.hw.device_tops import DeviceTop
from thresh.hw.flow.build import NAME
from thresh.hw.flow.device_build import build_device, device_top
from thresh.model.model_file import load_network
from thresh.model.network import Network
from thresh.tools.toolchain import run_tool

from .cells import children
from .keys import circuit_key, key_of_netlist

SEEDS = (1, 2, 3)
FOLDER = ROOT / "build" / "bench" / "device"
TOP = "thresh.core"
BANDS, OUTPUTS = 26, 12
"""Of the wide network; as many outputs as pins, or fewer."""

BLOCKS = {
    "core": "network", "front_end": "front end", "receiver": "microphone",
    "loader": "flash loader", "spotter": "decision", "reporter": "line and messages",
    "sender": "line and messages", "commands": "line and messages",
}  # fmt: skip
REST = "samples, outputs, pins, clocks"
"""What else a device has."""


def digits() -> Network:
    """One GRU of 128 units at 8 kHz."""
    return load_network(ROOT / "examples" / "digits-gru128-magnitude.safetensors")


def wide() -> Network:
    """Two GRUs of 128 units, of random weights, behind a front end for 16 kHz."""
    recurrent = echoing_network(128, 2, inputs=BANDS)
    before = recurrent.layers[-1]
    last = replace(
        before, kind="linear", weight_x=np.ones((1, OUTPUTS, before.units), np.int64),
        weight_h=np.zeros((1, OUTPUTS, 0), np.int64), bias=np.zeros((1, OUTPUTS), np.int64),
        threshold_h=0,
    )  # fmt: skip
    front_end = MagnitudeFrontEnd(
        rate=16_000, window=400, hop=160, points=512, bands=BANDS, high_hz=8000,
        x_frac=recurrent.input_format.frac, offsets=(12_000,) * BANDS, scales=(6000,) * BANDS,
    )  # fmt: skip
    spotter = Spotter(thresholds=(9000,) * OUTPUTS, refractory=(40,) * OUTPUTS)
    return replace(
        recurrent, name="2x128 at 16 kHz", layers=(*recurrent.layers, last),
        front_end=front_end.to_dict(), spotter=spotter.to_dict(),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Case:
    """A device that is built."""

    board: str
    kind: str
    network: str

    @property
    def name(self) -> str:
        """Board and microphone."""
        return f"{self.board}-{self.kind}"

    @property
    def device(self) -> DeviceBoard:
        """The board."""
        return DEVICE_BOARDS[self.board]

    @property
    def routed(self) -> Board:
        """The board with the clock that is asked for."""
        return replace(self.device.board, clock_hz=self.device.fastest_core_hz)

    def load(self) -> Network:
        """The network that shapes it."""
        return {"digits": digits, "wide": wide}[self.network]()

    def make(self) -> DeviceTop:
        """What is routed."""
        return device_top(self.device, shape_for(self.device, self.load(), self.kind))


CASES = {
    case.name: case
    for case in (
        Case(board="icebreaker", kind="pdm", network="digits"),
        Case(board="icebreaker", kind="i2s", network="digits"),
        Case(board="ulx3s-12f", kind="pdm", network="digits"),
        Case(board="ulx3s-85f", kind="pdm", network="wide"),
        Case(board="ulx3s-12f", kind="i2s", network="digits"),
    )
}


def measure(case: Case, folder: Path) -> Iterator[Row]:
    """Routed clocks, use of the device, and on iCEBreaker the cells of every block."""
    device, network = case.device, case.load()
    out = FOLDER / case.name
    result, shape = build_device(
        device, network, case.kind, out_dir=out, seeds=SEEDS, progress=print
    )
    yield {
        "board": case.board,
        "device": result.device,
        "kind": case.kind,
        "network": network.name,
        "rate": shape.rate,
        "clocks": {
            name: {
                "clock_mhz": clock.clock_mhz,
                "fmax_mhz": {seed: round(mhz, 2) for seed, mhz in clock.fmax_mhz.items()},
            }
            for name, clock in result.clocks.items()
        },
        "met": result.met,
        "utilization": result.utilization,
        "blocks": count_blocks(out) if device.board.family == "ice40" else None,
        "tools": result.tools,
        "netlist": key_of_netlist(case.routed, out, SEEDS),
    }


def count_blocks(folder: Path) -> dict[str, int]:
    """Logic cells of a device's blocks, each kept for itself."""
    script = (folder / f"{NAME}.ys").read_text()
    apart = script.replace("synth_ice40 ", "synth_ice40 -noflatten ")
    (folder / "blocks.ys").write_text(apart.replace(f"{NAME}.json", "blocks.json"))
    run_tool("yosys", ["-q", "blocks.ys"], folder=folder, log=folder / "blocks.out")
    modules = json.loads((folder / "blocks.json").read_text())["modules"]
    whole = children(modules, NAME)
    found = dict.fromkeys((*BLOCKS.values(), REST), 0)
    for name, cells in children(modules, TOP).items():
        found[BLOCKS.get(name, REST)] += cells
    found[REST] += sum(whole.values()) - sum(found.values())
    return found


def key(case: Case, folder: Path) -> str:
    """Digest of the circuit."""
    return circuit_key(case.routed, case.make(), SEEDS)


DEVICE_BUILD = Measurement(
    about=__doc__,
    module="bench.hardware.device_build",
    result="device-build",
    cases=CASES,
    measure=measure,
    say=lambda row: f"{row['clocks']['sync']}, met: {row['met']}",
    key=key,
)

if __name__ == "__main__":
    DEVICE_BUILD.run()
