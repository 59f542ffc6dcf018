"""Fit the logic of accelerators to real ones, routed (docs/results/build-*.json) or only packed
(logic.json), and write hw/resources.json."""

import json
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from bench.results import RESULTS
from thresh.hw.estimates.resources import DATA
from thresh.model.files import write_atomically

from . import logic as counted

LOGIC = {
    "ice40": ("ICESTORM_LC",), "ecp5": ("TRELLIS_COMB", "TRELLIS_FF"), "gowin": ("LUT4", "DFF"),
}  # fmt: skip
"""Resources that are predicted; memories and multipliers are counted exactly elsewhere."""

KNOWN = {"LUT4": {"memory": 8.0}, "DFF": {"memory": 6.0}}
"""Coefficients that need no fit: where a CFU of a GW2A is memory, none of its 8 tables and 6
flip-flops is left."""


def load_builds(folder: Path = RESULTS) -> list[dict[str, Any]]:
    """Routed accelerators."""
    rows = [json.loads(path.read_text()) for path in sorted(folder.glob("build-*.json"))]
    return [row for row in rows if row.get("design") == "accelerator" and "error" not in row]


def fit(
    features: list[dict[str, int]], counts: list[int], known: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Coefficients, none negative, with the least squared relative error; and those ``known``.

    All subsets of the features are tried, as many as there are builds to hold them; of two that do
    about equally well the smaller one is taken.
    """
    known = known or {}
    names = [name for name in features[0] if name not in known]
    wanted = np.array(counts, float)
    left = 1 - np.array([predict(known, row) for row in features]) / wanted
    matrix = np.array([[row[name] for name in names] for row in features], float) / wanted[:, None]
    best: tuple[float, dict[str, float]] | None = None
    for size in range(1, min(len(names), len(counts)) + 1):
        for chosen in combinations(range(len(names)), size):
            part = matrix[:, list(chosen)]
            solved, _, rank, _ = np.linalg.lstsq(part, left, rcond=None)
            if rank < size or (solved < 0).any():
                continue
            error = float(np.abs(part @ solved - left).max())
            if best is None or error < best[0] - 0.005:
                pairs = zip(chosen, solved, strict=True)
                best = error, {names[at]: round(float(value), 4) for at, value in pairs}
    assert best is not None
    return best[1] | known


def predict(found: Mapping[str, float], features: dict[str, int]) -> float:
    """What the coefficients say."""
    return sum(found.get(name, 0) * value for name, value in features.items())


def left_out(
    features: list[dict[str, int]], counts: list[int], known: Mapping[str, float] | None = None
) -> float | None:
    """Largest relative error of every build predicted from all others; None of fewer than four."""
    if len(counts) < 4:
        return None
    errors = []
    for at, (row, count) in enumerate(zip(features, counts, strict=True)):
        rest = [place for place in range(len(counts)) if place != at]
        found = fit([features[place] for place in rest], [counts[place] for place in rest], known)
        errors.append(abs(predict(found, row) / count - 1))
    return round(max(errors), 4)


def fit_all(builds: list[dict[str, Any]], packed: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """What `thresh.hw.estimates.resources` reads, and how far it is from builds left out."""
    logic: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    clocks: dict[str, dict[str, float]] = {}
    routed = [(build["family"], build["features"]) for build in builds]
    others = [row for row in packed if (row["family"], row["features"]) not in routed]
    for build in builds:
        if build["weight_bits"] == 8:
            clocks.setdefault(build["board"], {})[str(build["lanes"])] = build["worst_mhz"]
    for family, resources in LOGIC.items():
        rows = [row for row in (*builds, *others) if row["family"] == family]
        for resource in resources if rows else ():
            features = [row["features"] for row in rows]
            counts = [row["resources"][resource] for row in rows]
            known = KNOWN.get(resource)
            logic.setdefault(family, {})[resource] = fit(features, counts, known)
            errors.setdefault(family, {})[resource] = {
                "builds": len(counts), "largest": left_out(features, counts, known),
            }  # fmt: skip
    return {"fmax_mhz": clocks, "logic": logic, "relative_error": errors}


def main() -> None:
    """Fit and write, where there are builds."""
    if builds := load_builds():
        found = fit_all(builds, counted.load_rows())
        write_atomically(DATA, json.dumps(found, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
