"""Count the logic of accelerators that are synthesised and packed, but not placed.

Routing 128 lanes takes half an hour a seed, their logic is known after three minutes. What is
counted is what `fit_resources.py` fits beside the routed builds. Of a Gowin device nextpnr counts
the tables and flip-flops that arithmetic and memories in logic take the place of, 8 and 6 per 64
bits of a memory. Results: docs/results/logic.json.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from bench.results import RESULTS
from thresh.hw.estimates.fit import fits_device
from thresh.hw.estimates.resources import features
from thresh.hw.families import FAMILIES, constraint_options, device_options
from thresh.hw.flow.build import NAME, synthesise
from thresh.model.files import write_atomically
from thresh.tools.toolchain import run_tool

from .clocks import ROOT, say
from .cores import make_core
from .keys import key_of_netlist, look
from .targets import SPARSE, TARGETS, Target

RESULT = RESULTS / "logic.json"

NARROW = (("weight_bits", 4), ("pointwise_lanes", 1))
"""4-bit weights of 8 lanes are a word as wide as the sum of one pointwise lane."""

OTHERS = (
    Target(board_name="icebreaker", lanes=4, clock_mhz=48),
    Target(board_name="icebreaker", lanes=8, clock_mhz=48, formats=(("value_bits", 8),)),
    Target(board_name="icebreaker", lanes=8, clock_mhz=48, formats=(("weight_bits", 4),)),
    Target(board_name="icebreaker", lanes=8, clock_mhz=48, formats=SPARSE),
    Target(board_name="ulx3s-12f", lanes=16, clock_mhz=140, formats=(("pointwise_lanes", 2),)),
    Target(board_name="ulx3s-85f", lanes=32, clock_mhz=140, formats=(("pointwise_lanes", 4),)),
    Target(board_name="ulx3s-85f", lanes=64, clock_mhz=140, formats=(("pointwise_lanes", 16),)),
    Target(board_name="tang-nano-20k", lanes=8, clock_mhz=54),
    Target(board_name="tang-nano-20k", lanes=4, clock_mhz=54),
    Target(board_name="tang-nano-20k", lanes=16, clock_mhz=54),
    Target(board_name="tang-nano-20k", lanes=8, clock_mhz=54, formats=(("pointwise_lanes", 1),)),
    Target(board_name="tang-nano-20k", lanes=8, clock_mhz=54, formats=(("value_bits", 8),)),
    Target(board_name="tang-nano-20k", lanes=8, clock_mhz=54, formats=NARROW),
    Target(board_name="tang-nano-20k", lanes=32, clock_mhz=54, formats=(("pointwise_lanes", 2),)),
)
"""Accelerators of other lanes, formats or pointwise lanes than those that are routed."""


def shape_name(target: Target) -> str:
    """Board, lanes, formats and pointwise lanes."""
    return f"{target.name}x{target.geometry.pointwise_lanes}"


def counted_targets() -> list[Target]:
    """Every accelerator that fits, those that are routed first."""
    return [target for target in (*TARGETS, *OTHERS) if fits_device(target.board, target.geometry)]


def count_row(target: Target, folder: Path) -> dict[str, Any]:
    """Synthesise and pack one accelerator."""
    board, geometry = target.board, target.geometry
    family = FAMILIES[board.family]
    synthesise(board, make_core(target, "accelerator"), folder, say)
    constraints = constraint_options(board, f"{NAME}.{family.constraints}")
    run_tool(
        family.router,
        [*device_options(board), "--json", f"{NAME}.json", *constraints, "--pack-only",
         "--report", "packed.json", "--quiet"],
        folder=folder,
        log=folder / "packed.out",
    )  # fmt: skip
    used = json.loads((folder / "packed.json").read_text())["utilization"]
    return {
        "name": shape_name(target),
        "board": target.board_name,
        "family": board.family,
        "lanes": geometry.lanes,
        "pointwise_lanes": geometry.pointwise_lanes,
        "weight_bits": geometry.weight_bits,
        "features": features(board.family, geometry),
        "resources": {name: count["used"] for name, count in used.items() if count["used"]},
        "command": f"python -m bench.hardware.logic --only {shape_name(target)}",
    }


def load_rows() -> list[dict[str, Any]]:
    """What has been counted."""
    return json.loads(RESULT.read_text()) if RESULT.exists() else []


def save(rows: list[dict[str, Any]], order: list[str]) -> None:
    """Write the result, a row a line."""
    rows = sorted(rows, key=lambda row: order.index(row["name"]))
    text = ",\n".join(json.dumps(row) for row in rows)
    write_atomically(RESULT, f"[\n{text}\n]\n")


def main(arguments: list[str] | None = None) -> None:
    """Count what is not counted yet, all accelerators or some."""
    targets = counted_targets()
    names = [shape_name(target) for target in targets]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=names)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "bench")
    options = parser.parse_args(arguments)
    for target, name in zip(targets, names, strict=True):
        if options.only and name not in options.only:
            continue
        rows = {row["name"]: row for row in load_rows()}
        core = make_core(target, "accelerator")
        key, same = look(rows.get(name, {}), target.board, core, ())
        if same:
            say(f"{name}: {same} since it was counted")
            continue
        suffix = "-accelerator" if target in TARGETS else f"x{target.geometry.pointwise_lanes}"
        folder = options.folder / f"{target.name}{suffix}"
        row = count_row(target, folder) | {"key": key}
        row["netlist"] = key_of_netlist(target.board, folder, ())
        kept = [old for old in load_rows() if old["name"] in names and old["name"] != name]
        save([*kept, row], names)
        say(f"{name}: {row['resources']}")


if __name__ == "__main__":
    main()
