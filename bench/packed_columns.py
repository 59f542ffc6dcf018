"""What packed sparse columns would bring, by the cycle model, beside the dense columns there are.

A packed column holds, for every lane and its R rows of a block, only weights that are not zero,
each with its row's offset (the column-balanced sparsity of Spartus, arXiv 2108.02297). A column
then costs as many cycles as the fullest lane has weights, where the dense one costs R. The model is
the one that is exact for the core: a core of P R lanes whose entries take that many cycles.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from activity import echoing_network
from page import RESULTS, load, table

from thresh.gateware.pointwise import register_distance
from thresh.gateware.program import schedule
from thresh.hw.cycles import core_timing
from thresh.hw.families import FAMILIES
from thresh.model.activity import read_note
from thresh.model.cells import CELLS
from thresh.model.cycles import CycleModel, Lists
from thresh.model.files import write_atomically
from thresh.model.geometry import Geometry
from thresh.model.model_file import load_network
from thresh.model.network import Network
from thresh.model.timing import Slot, Timing

ROOT = Path(__file__).parent.parent
RESULT = RESULTS / "packed-columns.json"
SPARSITIES = (0.5, 0.75, 0.875, 0.9375)
ROWS = (4, 16)
"""Rows of a lane that share a packed column."""
ACTIVITY = 0.1
"""Share of entries of the networks that are not trained."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A network with its lists, and the core that it runs on."""

    name: str
    network: Network
    steps: Sequence[Lists]
    lanes: int
    serial: int


def fullest_lane(rows: int, lanes: int, sparsity: float, balanced: bool) -> float:
    """Mean cycles of a column: weights in the lane that has most of them."""
    if balanced:
        return float(np.ceil(rows * (1 - sparsity)))
    random = np.random.default_rng(0)
    return float(random.binomial(rows, 1 - sparsity, (20_000, lanes)).max(axis=1).mean())


def timing_of(lanes: int, serial: int, rows: int = 1) -> Timing:
    """Latencies of an ECP5 core whose lanes have ``rows`` rows each."""
    primitives = FAMILIES["ecp5"].primitives
    shape = Geometry(
        lanes=lanes, serial=serial, weight_depth=2048, accumulator_depth=2048, state_depth=2048,
        value_depth=2048,
    )  # fmt: skip
    timing = core_timing(shape, primitives)
    if rows == 1:
        return timing
    distance = register_distance(primitives.multiplier, primitives.read_latency)
    programs = {}
    for kind, cell in CELLS.items():
        slots = schedule(cell.program, rows * shape.vector, distance)
        programs[kind] = tuple(
            Slot(
                accumulates=cell.program[slot.number].accumulator,
                emits=slot.number == len(slots) - 1, late=slot.late, gap=slot.gap,
            )
            for slot in slots
        )  # fmt: skip
    return replace(timing, lanes=lanes * rows, programs=programs)


def cycles(case: Case, timing: Timing, cost: float = 1.0) -> float:
    """Mean cycles of a step whose entries take ``cost`` cycles."""
    model = CycleModel(case.network, timing)

    def scaled(lists: Lists) -> Lists:
        return tuple(
            None if pair is None else tuple(int(np.ceil(count * cost)) for count in pair)
            for pair in lists
        )

    return float(np.mean([model.step(scaled(lists)) for lists in case.steps]))


def cases() -> list[Case]:
    """The shipped network with its measured lists, and larger ones at one activity."""
    shipped = load_network(ROOT / "examples" / "digits-gru128.safetensors")
    note = read_note(shipped)
    assert note is not None
    found = [
        Case(name="shipped GRU 128", network=shipped, steps=note.steps, lanes=lanes, serial=serial)
        for lanes, serial in ((8, 1), (16, 2))
    ]
    for units, lanes, serial in ((512, 16, 2), (1024, 16, 2), (1024, 64, 8)):
        network = echoing_network(units, 1, 128)
        sent = round(ACTIVITY * units), round(ACTIVITY * 128)
        lists = tuple(
            sent if layer.hidden else (0, round(ACTIVITY * layer.inputs))
            for layer in network.layers
        )
        name = f"GRU {units}, {ACTIVITY:.0%} active"
        found.append(Case(name=name, network=network, steps=(lists,), lanes=lanes, serial=serial))
    return found


def measure() -> list[dict[str, Any]]:
    """One row for every case, sparsity and number of rows."""
    result = []
    for case in cases():
        dense = cycles(case, timing_of(case.lanes, case.serial))
        for rows in ROWS:
            timing = timing_of(case.lanes, case.serial, rows)
            for sparsity in SPARSITIES:
                row: dict[str, Any] = {
                    "network": case.name, "lanes": case.lanes, "serial": case.serial, "rows": rows,
                    "sparsity": sparsity, "dense_cycles": dense,
                }  # fmt: skip
                for name, balanced in (("balanced", True), ("random", False)):
                    cost = fullest_lane(rows, case.lanes, sparsity, balanced)
                    row[f"{name}_speedup"] = dense / cycles(case, timing, cost)
                    row[f"{name}_memory"] = cost / rows * (8 + np.log2(rows)) / 8
                result.append(row)
    return result


def show() -> str:
    """Speed-ups by case and rows, in Markdown: balanced, and in brackets pruned at random."""
    result = load(RESULT.stem) or []
    rows = []
    for at in range(0, len(result), len(SPARSITIES)):
        group = result[at : at + len(SPARSITIES)]
        one = group[0]
        rows.append(
            [one["network"], f"{one['lanes']}", f"{one['dense_cycles']:,.0f}", f"{one['rows']}"]
            + [f"{row['balanced_speedup']:.1f} ({row['random_speedup']:.1f})" for row in group]
        )
    shares = [f"{sparsity:.0%}" for sparsity in SPARSITIES]
    return table(["network", "lanes", "dense cycles", "R", *shares], rows)


def main() -> None:
    """Write the result; `figures.py` shows it."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    write_atomically(RESULT, (json.dumps(measure(), indent=1) + "\n").encode())
    print(show(), end="")


if __name__ == "__main__":
    main()
