"""Tables of what programs hear, compare and take."""

from collections import Counter
from collections.abc import Mapping

from bench.results import load

from .markdown import table

SIMULATED = (
    ("sim-clips", "the clips that ship, over the serial line"),
    ("sim-fsdd", "60 of FSDD test, over the serial line"),
    ("sim-fsdd-core", "FSDD test, core alone"),
)
"""Simulations and what they ran."""

NETWORKS = {
    "plain": "plain", "delta": "delta", "quantised": "quantised",
    "refitted": "quantised, behind the front end for gateware",
}  # fmt: skip
"""Stages of the digits network."""

LABELS = {
    "icarus": "cocotb, Icarus Verilog: accelerator over its serial pins",
    "verilator": "cocotb, Verilator: the same",
    "line": "compiled, no Python between its cycles: the same",
    "compiled": "compiled, the core alone",
}
"""Engines in the order of the table."""


def hearing() -> str:
    """Accuracy and work of the golden model."""
    rows = []
    for name, label in (("golden-clips", "the clips that ship"), ("golden-fsdd", "FSDD test")):
        if result := load(name):
            rows.append(
                [
                    label,
                    f"{result['sequences']}",
                    f"{result['accuracy']:.1%}",
                    f"{result['events_per_frame']:.1f}",
                    f"{result['reduction']:.1f}",
                    f"`{result['command']}`",
                ]
            )
    head = ["recordings", "count", "heard right", "events per frame", "fewer fetches, times"]
    return table([*head, "command"], rows)


def simulation() -> str:
    """Integers compared and cycles of the simulated accelerator."""
    rows = []
    for name, label in SIMULATED:
        if result := load(name):
            cycles = result["cycles_per_frame"]
            rows.append(
                [
                    label,
                    f"{result['frames']:,}",
                    f"{result['integers_compared']:,}",
                    f"{result['mismatches']:,}",
                    f"{cycles['min']:,} / {cycles['mean']:,.0f} / {cycles['max']:,}",
                    f"{result['utilisation']:.1%}",
                    f"`{result['command']}`",
                ]
            )
    head = ["recordings", "frames", "integers compared", "differences"]
    return table([*head, "cycles per frame (min/mean/max)", "utilisation", "command"], rows)


def training() -> str:
    """Accuracy in training."""
    rows = [
        [
            NETWORKS[row["network"]],
            str(row["seed"]),
            f"{row['accuracy']:.1%}",
            f"{row['validation_accuracy']:.1%}",
            f"{row['reduction']:.1f}",
            f"{row['threshold_x']:.2g} / {row['threshold_h']:.2g}",
        ]
        for row in load("digits") or []
    ]
    return table(
        ["network", "seed", "test", "validation", "fewer fetches, times", "thresholds x / h"], rows
    )


def estimate_time() -> str:
    """How long `thresh estimate` takes."""
    return table(
        ["network", "board", "`thresh estimate`, ms", "its libraries alone, ms"],
        [
            [row["network"], row["board"], str(row["estimate_ms"]), str(row["libraries_ms"])]
            for row in load("estimate-time") or []
        ],
    )


def changed_files() -> str:
    """How changed files of every kind end, of all parts."""
    rows = load("changed-files") or []
    kinds: dict[str, Counter[str]] = {}
    for row in rows:
        for kind, ends in row["kinds"].items():
            kinds.setdefault(kind, Counter()).update(ends)
    lines = [
        [f"`{kind}`", *(f"{number:,}" for number in _counts(ends))]
        for kind, ends in sorted(kinds.items())
    ]
    if rows:
        total = sum(kinds.values(), Counter())
        lines.append(["all", *(f"{number:,}" for number in _counts(total))])
    head = ["kind", "files", "refused in one sentence", "read", "read, and unequal"]
    most = max((row["most_mebibytes"] for row in rows), default=0)
    return (f"None escaped, {most} MiB at most for one.\n\n" if rows else "") + table(head, lines)


def _counts(ends: Mapping[str, int]) -> list[int]:
    return [sum(ends.values()), *(ends[end] for end in ("refused", "read", "unequal"))]


def simulation_speed() -> str:
    """Frames per second of every simulator."""
    found = {row["case"]: row for row in load("simulation-speed") or []}
    slowest = found["icarus"]["frames_per_second"] if "icarus" in found else None
    lines = [
        [
            label,
            f"{row['integers_compared']:,}",
            f"{row['cycles']:,}",
            f"{row['cycles_per_second'] / 1000:,.0f}",
            f"{row['frames_per_second']:,.2f}",
            f"{row['frames_per_second'] / slowest:,.0f}" if slowest else "",
        ]
        for name, label in LABELS.items()
        if (row := found.get(name))
    ]
    if golden := found.get("golden"):
        label = f"golden model, {golden['batch']:,} sequences side by side"
        lines.append([label, "", "", "", f"{golden['frames_per_second']:,.0f}", ""])
    head = ["engine", "integers compared", "cycles", "1,000 cycles per second"]
    return table([*head, "frames per second", "times the first"], lines)
