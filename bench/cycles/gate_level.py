"""Run a shipped clip through synthesised and routed netlists, over their serial pins.

A netlist is what `thresh build` routes, cell by cell in models of the vendor's cells; what the
bitstream gives no value to begins with random ones. Every output of every frame and, after some
frames, every integer in the memories must be the golden model's. Then one cell is spoilt, which
must be noticed. Synthesis, compilation and simulation take minutes each.
Results: docs/results/gate-level.json.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.hardware.boards import MODEL, make_core
from bench.hardware.keys import circuit_key
from bench.measurement import Measurement, Row
from bench.results import ROOT, load
from thresh.data.inputs import load_inputs
from thresh.hw.board import Board
from thresh.hw.estimates.board_geometry import board_geometry
from thresh.hw.families import FAMILIES, constraint_options, router_options
from thresh.hw.flow.build import NAME, synthesise
from thresh.hw.flow.stage import Stage
from thresh.hw.known_boards import find_board
from thresh.layout.image import build_image
from thresh.model.model_file import load_network
from thresh.model.network import Network
from thresh.sim.cells.netlist import Module, top_module
from thresh.sim.cells.placed import with_clock_ways
from thresh.sim.engines.gate_line import compile_netlist
from thresh.tools.toolchain import run_tool, tool_version

from .gate_run import GateRun, run_netlist

CLIP = "examples/three.wav"

MULTIPLIERS = {
    "SB_MAC16": "B", "ICESTORM_DSP": "B_0", "MULT18X18D": "A0", "MULT18X18": "A",
}  # fmt: skip
"""By kind, the pin of which the first bit is an operand's lowest."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A netlist.

    Parameters
    ----------
    board : str
    routed : bool
        As the router wrote it, seed 1, instead of as Yosys did.
    frames : int
        Of the clip.
    reads : tuple of int
        Frames after which all memories are compared.
    seeds : tuple of int
        A run each.
    units : int or None
        So many of the GRU's 128; all of them where it is None.
    spoilt_units, spoilt_reads : int or None, and tuple of int
        The same of the run of a spoilt netlist, of `SPOILT_FRAMES`.
    """

    board: str
    routed: bool = False
    frames: int
    reads: tuple[int, ...]
    seeds: tuple[int, ...]
    units: int | None = None
    spoilt_units: int | None = 16
    spoilt_reads: tuple[int, ...] = (0, 5)


CASES = {
    "icebreaker": Case(
        board="icebreaker", frames=37, reads=(0, 12, 24, 36), seeds=(1, 2), units=32
    ),
    "icebreaker-routed": Case(
        board="icebreaker", routed=True, frames=37, reads=(0, 36), seeds=(3,), units=32
    ),
    "icebreaker-whole": Case(board="icebreaker", frames=37, reads=(36,), seeds=(4,)),
    # Its bitstream brings the whole network, and the line takes 120 cycles per bit.
    "ulx3s-12f": Case(
        board="ulx3s-12f", frames=37, reads=(36,), seeds=(5,), spoilt_units=None, spoilt_reads=()
    ),
    "tang-nano-20k": Case(board="tang-nano-20k", frames=12, reads=(0, 11), seeds=(6,)),
}
SPOILT_FRAMES = 6

LINE_PADS = {"uart_0__rx__io": "rx", "uart_0__tx__io": "tx"}


def pads(module: Module) -> dict[str, str]:
    """The pads of a board's netlist that a `GateLine` drives, and what they are."""
    crystal = [name for name in module["ports"] if name.startswith("clk")]
    return {crystal[0]: "clk"} | LINE_PADS


def netlist(case: Case, folder: Path) -> Module:
    """The top of a case's netlist, made in ``folder`` if it is not there yet."""
    board = find_board(case.board)
    key = synthesise(board, make_core(case.board), folder, lambda text: print(f"  {text}"))
    file = route(board, folder, key) if case.routed else f"{NAME}.json"
    module = top_module(json.loads((folder / file).read_text(encoding="utf-8")))
    return with_clock_ways(module) if case.routed else module


def route(board: Board, folder: Path, key: str) -> str:
    """Place and route with seed 1 as a build does; the file of the netlist with its places."""
    family, file = FAMILIES[board.family], "routed.json"
    stage = Stage(folder, file, key, *router_options(board), tool_version(family.router))
    if not stage.done:
        print("  place and route", flush=True)
        options = [*router_options(board), "--seed", "1", "--quiet", "--timing-allow-fail"]
        options += ["--json", f"{NAME}.json", "--write", file]
        options += constraint_options(board, f"{NAME}.{family.constraints}")
        with stage:
            run_tool(family.router, options, folder=folder, log=folder / "routed.out")
    return file


def operand_driver(module: Module) -> str:
    """The cell that gives a multiplier the lowest bit of an operand.

    Raises
    ------
    ValueError
        When none is one of a single output.
    """
    drivers: dict[Any, list[str]] = {}
    for name, cell in module["cells"].items():
        ends = cell["port_directions"]
        outputs = [pins for pin, pins in cell["connections"].items() if ends[pin] == "output"]
        if sum(map(len, outputs)) == 1:
            drivers[next(pins[0] for pins in outputs if pins)] = name
    for cell in module["cells"].values():
        pin = MULTIPLIERS.get(cell["type"])
        if pin and (found := drivers.get(cell["connections"][pin][0])):
            return found
    raise ValueError("No operand of a multiplier comes from a cell of one output")


def part_of(network: Network, units: int | None) -> Network:
    """The same GRU with its first units alone, and what listens to it."""
    if units is None:
        return network
    gru, *others = network.layers
    first = replace(
        gru,
        weight_x=gru.weight_x[:, :units],
        weight_h=gru.weight_h[:, :units, :units],
        bias=gru.bias[:, :units],
    )
    others[0] = replace(others[0], weight_x=others[0].weight_x[:, :, :units])
    return replace(network, layers=(first, *others))


def measure(case: Case, folder: Path) -> Iterator[Row]:
    """A row for every run."""
    place = ROOT / "build" / "bench" / f"board-{case.board}"
    board, whole = find_board(case.board), load_network(ROOT / MODEL)
    geometry = board_geometry(case.board, network=whole)
    divisor = round(board.clock_hz / board.baud)
    module = netlist(case, place)
    x = load_inputs(ROOT / CLIP, whole)[0].x
    said = {
        "board": case.board, "routed": case.routed, "clip": Path(CLIP).stem,
        "published": published(case), "cells": counted(module),
    }  # fmt: skip
    spoilt = operand_driver(module)
    library = compile_netlist(module, board.family, pads(module), folder, spoilt=spoilt)

    def run(frames: int, units: int | None, **options: Any) -> dict[str, Any]:
        network = part_of(whole, units)
        brought = board.preloads and units is None
        image = None if brought else build_image(network, geometry)
        found = run_netlist(library, divisor, network, x[:frames], image=image, **options)
        return {"units": network.layers[0].units, **described(found)}

    for seed in case.seeds:
        yield said | {"seed": seed} | run(case.frames, case.units, seed=seed, reads=case.reads)
    found = run(SPOILT_FRAMES, case.spoilt_units, seed=1, reads=case.spoilt_reads, spoil=True)
    yield said | {"seed": 1, "spoilt": module["cells"][spoilt]["type"]} | found


def published(case: Case) -> bool:
    """Whether the netlist is the one whose routed clocks docs/results/boards.json has."""
    rows = [row for row in load("boards") or [] if row["board"] == case.board]
    seeds = [int(seed) for seed in rows[0]["fmax_mhz"]] if rows else []
    board = find_board(case.board)
    core = make_core(case.board)
    return bool(rows) and rows[0]["key"] == circuit_key(board, core, seeds)


def counted(module: Module) -> dict[str, int]:
    """Cells by kind, the most frequent first."""
    return dict(Counter(cell["type"] for cell in module["cells"].values()).most_common())


def described(run: GateRun) -> dict[str, Any]:
    """A run as fields of a row."""
    mean = float(np.mean(run.step_cycles)) if run.step_cycles else 0.0
    return {
        "frames": run.frames,
        "integers_compared": run.integers,
        "mismatches": run.mismatches,
        "difference": run.difference,
        "cycles_per_frame": round(mean, 1),
        "cycles": run.cycles,
    }


def say(row: Row) -> str:
    """A row in some words."""
    text = f"{row['frames']} frames, {row['integers_compared']:,} integers"
    text += f", {row['mismatches']} differ, " + row.get("spoilt", "")
    return f"{text}: {row['difference']}" if row["difference"] else text


GATES = Measurement(
    about=__doc__,
    module="bench.cycles.gate_level",
    result="gate-level",
    cases=CASES,
    measure=measure,
    say=say,
)

if __name__ == "__main__":
    GATES.run()
