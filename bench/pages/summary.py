"""Five lines of figures for the README."""

from typing import Any

from bench.results import load

from .markdown import table

SHOWN = (("icebreaker", 8), ("ulx3s-85f", 16))
"""Board and lanes."""


def summary() -> str:
    """What the network that ships hears, costs and takes."""
    heard, simulated = load("golden-fsdd"), load("sim-fsdd-core")
    boards = [_only(load("boards"), board=board, lanes=lanes) for board, lanes in SHOWN]
    speeds = [_only(load("hardware"), board=board, lanes=lanes) for board, lanes in SHOWN]
    clocks = [
        f"{build['board']} {min(build['fmax_mhz'].values()):.1f} MHz for a clock of "
        f"{build['clock_mhz']:g}"
        for build in boards
    ]
    rows = [
        ["heard right, FSDD test", f"{heard['accuracy']:.1%} of {heard['sequences']}"],
        ["weights fetched", f"{heard['reduction']:.1f} times fewer than by a dense network"],
        [
            "simulated core against the golden model",
            f"{simulated['integers_compared']:,} integers, {simulated['mismatches']} differences",
        ],
        ["slowest of three routings", "; ".join(clocks)],
        [
            "frames per second at a routed clock, mean / worst case",
            "; ".join(
                f"{row['board']} {row['frames_per_second']:,} / {row['least_frames_per_second']:,}"
                for row in speeds
            ),
        ],
    ]
    return table(["the network that ships", "measured"], rows)


def _only(rows: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    return next(row for row in rows if all(row.get(k) == v for k, v in wanted.items()))
