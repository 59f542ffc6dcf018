"""Place and route every target with several seeds, and join the clocks with the shipped network's
utilisation.

A build whose inputs are those of the result that is kept is not repeated; one that fails or misses
its clock is noted, and the next one goes on. Results: docs/results/build-NAME.json for each, and
docs/results/hardware.json.
"""

import argparse
import json
import statistics
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

from bench.cycles.activity import echoing_network
from bench.cycles.utilisation import MODEL
from bench.results import ROOT, load
from thresh.hw.board import MARGIN
from thresh.hw.estimates.fit import device_needs, estimate_fit
from thresh.hw.estimates.resources import features
from thresh.hw.flow.build import build_core
from thresh.model.files import write_atomically
from thresh.model.model_file import load_network
from thresh.model.network import Network

from .cores import make_core
from .keys import key_of_netlist, look
from .targets import DESIGNS, RESULTS, SHAPE, TARGETS, Target, build_path, load_builds

MINUTES = 120
"""Most for a seed to route; one of 128 lanes may take an hour."""


def shortage(target: Target) -> str:
    """What an accelerator needs more of than its device has; empty when it fits."""
    return " and ".join(
        f"{need.needed} {name}s of {need.available}"
        for name, need in device_needs(target.board, target.geometry).items()
        if not need.met
    )


def build_row(
    target: Target, design: str, seeds: tuple[int, ...], options: argparse.Namespace
) -> dict[str, Any]:
    """Build a design and say how it routed, or why it could not be built.

    A seed that was given up counts as slower than any other in the median.
    """
    board, geometry = target.board, target.geometry
    row: dict[str, Any] = {
        "name": target.name,
        "design": design,
        "board": target.board_name,
        "device": board.device,
        "family": board.family,
        "lanes": geometry.lanes,
        "pointwise_lanes": geometry.pointwise_lanes,
        "weight_bits": geometry.weight_bits,
        "value_bits": geometry.value_bits,
        "asked_mhz": target.clock_mhz,
        "seeds": list(seeds),
        "features": features(board.family, geometry),
        "command": f"python -m bench.hardware.clocks --only {target.name} --seeds {len(seeds)}",
    }
    if options.minutes != MINUTES:
        row["command"] += f" --minutes {options.minutes:g}"
    if missing := shortage(target):
        return row | {"error": f"does not fit: it needs {missing}"}
    started = time.monotonic()
    try:
        result = build_core(
            board, make_core(target, design), lanes=geometry.lanes,
            out_dir=options.folder / f"{target.name}-{design}", seeds=seeds, jobs=options.jobs,
            minutes=options.minutes, progress=say,
        )  # fmt: skip
    except ValueError as error:
        return row | {"error": " ".join(str(error).split())}
    fmax = [round(mhz, 2) for mhz in result.fmax_mhz.values()]
    if result.given_up:
        row |= {"given_up": list(result.given_up), "minutes": options.minutes}
    return row | {
        "fmax_mhz": fmax,
        "median_mhz": statistics.median([0.0] * len(result.given_up) + fmax),
        "worst_mhz": min(fmax),
        "clock_mhz": round(min(fmax) / MARGIN, 2),
        "met": result.met,
        "resources": {name: count["used"] for name, count in result.utilization.items()},
        "available": {name: count["available"] for name, count in result.utilization.items()},
        "critical_path": list(result.critical_path),
        "tools": result.tools,
        "seconds": round(time.monotonic() - started),
    }


def measure(target: Target, design: str, options: argparse.Namespace) -> None:
    """Build what is not built yet and keep its row."""
    if design == "dense" and shortage(target):
        say(f"{target.name} dense: the accelerator beside it does not fit")
        return
    path = build_path(target, design)
    seeds = tuple(range(1, options.seeds + 1))
    kept = json.loads(path.read_text()) if path.exists() else {}
    try:
        key, same = look(kept, target.board, make_core(target, design), seeds)
    except ValueError as error:
        say(f"{target.name} {design}: {error}")
        return
    if same:
        say(f"{target.name} {design}: {same} since it was built")
        return
    say(f"{target.name} {design}: {len(seeds)} seeds for {target.clock_mhz:g} MHz")
    row = build_row(target, design, seeds, options) | {"key": key}
    if "error" not in row:
        folder = options.folder / f"{target.name}-{design}"
        row["netlist"] = key_of_netlist(target.board, folder, seeds)
    write_atomically(path, json.dumps(row, indent=2) + "\n")
    say(f"{target.name} {design}: {row.get('error') or row['fmax_mhz']}")


def join(builds: list[dict[str, Any]], runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every accelerator's clock with every run of its shape, and what follows from both.

    GOp/s count a multiplication and an addition per weight. *Peak* is what the lanes can do,
    *effective* counts all weights of the network, whether fetched or not; the plain dense design of
    the same lanes always works at its peak. At the slowest seed's clock, less the flow's margin. A
    network that the build has no memory for does not ``fit``, and has cycles but no rates.
    """
    dense = {build["name"]: build for build in builds if build["design"] == "dense"}
    targets = {target.name: target for target in TARGETS}
    rows = []
    for build in builds:
        if build["design"] != "accelerator" or "error" in build:
            continue
        target = targets[build["name"]]
        for run in runs:
            if any(run[name] != build[name] for name in SHAPE):
                continue
            fits = estimate_fit(network_of(run), target.board, target.geometry).fits
            rows.append(
                {name: build[name] for name in BUILD_FIELDS}
                | {name: value for name, value in run.items() if name not in RUN_DROPS}
                | {
                    "fits": fits,
                    "dense_design_gops": peak_gops(dense.get(build["name"], {})),
                    "peak_gops": peak_gops(build),
                }
                | (rates(run, build["clock_mhz"] * 1e6) if fits else {})
                | {"command": [build["command"], run["command"]]}
            )
    return rows


def peak_gops(build: dict[str, Any]) -> float | None:
    """What the lanes of a build can do; None when it has no clock."""
    if "clock_mhz" not in build:
        return None
    return round(2 * build["lanes"] * build["clock_mhz"] / 1e3, 3)


def rates(run: dict[str, Any], clock: float) -> dict[str, Any]:
    """What a network gets from a clock in Hz."""
    seconds = run["cycles"]["mean"] / clock
    return {
        "effective_gops": round(2 * run["weights"] / seconds / 1e9, 3),
        "frames_per_second": round(1 / seconds),
        "least_frames_per_second": round(clock / run["worst_cycles"]),
    }


def network_of(run: dict[str, Any]) -> Network:
    """The network of a row of the utilisation."""
    name = None if "recordings" in run else run["network"]
    return _network(run["layers"], name, run["weight_bits"], run["value_bits"])


@lru_cache
def _network(layers: int, name: str | None, weight_bits: int, value_bits: int) -> Network:
    if name is None:
        return load_network(ROOT / MODEL)
    units = int(name.partition("x")[2])
    return echoing_network(units, layers, weight_bits=weight_bits, value_bits=value_bits)


BUILD_FIELDS = (
    "board", *SHAPE[1:], "fmax_mhz", "median_mhz", "worst_mhz", "clock_mhz", "resources",
)  # fmt: skip
RUN_DROPS = (*SHAPE, "case", "command", "key")
"""Fields of a joined row that come from its build, and of its run those that do not."""


def save(rows: list[dict[str, Any]]) -> None:
    """Write hardware.json, a row a line."""
    lines = ",\n".join(json.dumps(row) for row in rows)
    write_atomically(RESULTS / "hardware.json", f"[\n{lines}\n]\n")


def say(text: str) -> None:
    """Progress with the time of day."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def parser() -> argparse.ArgumentParser:
    """Options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", help="A target's name, or a board's.")
    parser.add_argument("--design", choices=DESIGNS, action="append", help="Both by default.")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=1, help="Routings at a time.")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="Most for a seed to route.")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "bench")
    parser.add_argument("--join", action="store_true", help="Build nothing.")
    return parser


def main(arguments: list[str] | None = None) -> None:
    """Build every target that is not built yet, then join."""
    options = parser().parse_args(arguments)
    names = {name for target in TARGETS for name in (target.name, target.board_name)}
    if unknown := set(options.only or ()) - names:
        raise SystemExit(f"There is no target {', '.join(unknown)}; there are {', '.join(names)}")
    for design in () if options.join else options.design or DESIGNS:
        for target in TARGETS:
            if not options.only or {target.name, target.board_name} & set(options.only):
                measure(target, design, options)
    # Of the other networks there is no table: `join` says it of any, from what is kept.
    runs = [run for run in load("utilisation") or [] if "recordings" in run]
    rows = join(load_builds(), runs)
    save(rows)
    say(f"{len(rows)} rows in docs/results/hardware.json")


if __name__ == "__main__":
    main()
