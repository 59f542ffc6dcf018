"""Write the figures of README.md and docs/results.md from docs/results/*.json."""

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "docs/results.md")
BLOCK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def load(name: str) -> Any:
    """One result, or None where it has not been measured."""
    path = ROOT / "docs" / "results" / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, or a line where there is nothing to show."""
    if not rows:
        return "Not measured yet.\n"
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


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
            row["network"],
            f"{row['accuracy']:.1%}",
            f"{row['validation_accuracy']:.1%}",
            f"{row['reduction']:.1f}",
            f"{row['threshold_x']:.2g} / {row['threshold_h']:.2g}",
        ]
        for row in load("digits") or []
    ]
    return table(
        ["network", "test", "validation", "fewer fetches, times", "thresholds x / h"], rows
    )


def hardware() -> str:
    """Routed clocks and utilisation."""
    rows = []
    for name in ("icebreaker", "ulx3s-12f", "ulx3s-25f", "ulx3s-45f", "ulx3s-85f"):
        if result := load(f"build-{name}"):
            used = ", ".join(
                f"{resource} {count['used']:,}/{count['available']:,}"
                for resource, count in result["utilization"].items()
                if count["used"] and resource in SHOWN
            )
            fmax = ", ".join(f"{value:.1f}" for value in result["fmax_mhz"].values())
            clock = f"{result['clock_mhz']:g}"
            rows.append([name, str(result["lanes"]), clock, fmax, used, f"`{result['command']}`"])
    head = ["board", "lanes", "clock, MHz", "routed fmax per seed, MHz"]
    return table([*head, "resources", "command"], rows)


SIMULATED = (
    ("sim-clips", "the clips that ship, over the serial line"),
    ("sim-fsdd", "60 of FSDD test, over the serial line"),
    ("sim-fsdd-core", "FSDD test, core alone"),
)
"""Simulations and what they ran."""

SHOWN = (
    "ICESTORM_LC", "ICESTORM_RAM", "ICESTORM_DSP", "ICESTORM_SPRAM",
    "TRELLIS_COMB", "TRELLIS_FF", "DP16KD", "MULT18X18D",
)  # fmt: skip
"""Resources worth a word."""

TABLES = {
    "hearing": hearing, "simulation": simulation, "training": training, "hardware": hardware,
}  # fmt: skip


def render(text: str) -> str:
    """``text`` with every figure block written anew."""
    return BLOCK.sub(lambda found: found[1] + TABLES[found[2]]() + found[3], text)


def write() -> None:
    """Write every page anew."""
    for name in PAGES:
        (ROOT / name).write_text(render((ROOT / name).read_text()))


def main() -> None:
    """Write the pages, or with ``--check`` say whether they would change."""
    if "--check" not in sys.argv[1:]:
        write()
        return
    stale = [
        name for name in PAGES if render((ROOT / name).read_text()) != (ROOT / name).read_text()
    ]
    if stale:
        sys.exit(f"The figures of {', '.join(stale)} are not those of docs/results: run {__file__}")


if __name__ == "__main__":
    main()
