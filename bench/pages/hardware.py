"""Tables of routed and synthesised designs."""

from typing import Any

from bench.hardware.boards import command
from bench.hardware.targets import formats_text, load_builds
from bench.results import load
from thresh.hw.known_boards import BOARDS

from .markdown import table

SHOWN = {
    "ICESTORM_LC": "logic cells", "ICESTORM_RAM": "block RAM", "ICESTORM_DSP": "multipliers",
    "ICESTORM_SPRAM": "SPRAM", "TRELLIS_COMB": "LUT", "TRELLIS_FF": "flip-flops",
    "DP16KD": "block RAM", "MULT18X18D": "multipliers",
    "BSRAM": "block RAM", "MULT18X18": "multipliers", "LUT4": "LUT", "DFF": "flip-flops",
}  # fmt: skip
"""Resources worth a word."""

COUNTED = (
    ("ICESTORM_LC", "TRELLIS_COMB", "LUT4"), ("TRELLIS_FF", "DFF"),
    ("ICESTORM_RAM", "DP16KD", "BSRAM"), ("ICESTORM_DSP", "MULT18X18D", "MULT18X18"),
)  # fmt: skip
"""nextpnr's names of what the table shows, of every family; a logic cell is LUT and flip-flop."""


def boards() -> str:
    """Routed clocks of the shipped network's bitstreams, and what they take."""
    rows = []
    for build in load("boards") or []:
        used = _used({name: tuple(count.values()) for name, count in build["utilization"].items()})
        fmax = ", ".join(f"{value:.1f}" for value in build["fmax_mhz"].values())
        met = "yes" if build["met"] else "no"
        row = [build["board"], f"{build['lanes']}", f"{build['clock_mhz']:g}", fmax, met, used]
        rows.append([*row, f"`{build['command']}`"])
    head = ["board", "lanes", "clock, MHz", "routed fmax per seed, MHz", "all 1.08 times", "used"]
    return table([*head, "command"], rows)


def board_routings() -> str:
    """Which boards were routed, of all that ship."""
    builds = {build["command"]: build for build in load("boards") or []}
    pins = {row["case"]: row for row in load("board-pins") or []}
    rows = []
    for board in BOARDS.values():
        build = builds.get(command(board.name))
        routed = "not routed yet"
        if build:
            seeds, slowest = len(build["fmax_mhz"]), min(build["fmax_mhz"].values())
            met = "" if build["met"] else ", which is not 1.08 times"
            routed = f"{seeds} seed{'s' * (seeds > 1)}, slowest {slowest:.1f} MHz{met}"
        device = f"{board.device} {board.package} {board.speed}".strip()
        clock = f"{board.crystal_hz / 1e6:g} → {board.clock_hz / 1e6:g}"
        lanes = f"{board.geometry.lanes}"
        small = "yes" if build or pins.get(board.name, {}).get("met") else "not yet"
        rows.append([f"`{board.name}`", device, clock, lanes, small, routed, "nobody"])
    head = [
        "board", "device", "crystal → clock, MHz", "lanes", "pins routed", "accelerator routed",
        "seen on hardware by",
    ]  # fmt: skip
    return table(head, rows)


def bitstreams() -> str:
    """Routed clocks and resources of every build."""
    rows = []
    for build in load_builds():
        name = f"{build['board']}, {build['lanes']} lanes"
        name += formats_text(build["weight_bits"], build["value_bits"])
        first = [name, build["design"], f"{build['asked_mhz']:g}"]
        if "error" in build:
            rows.append([*first, build["error"], "", "", ""])
            continue
        used = _used(
            {name: (count, build["available"][name]) for name, count in build["resources"].items()}
        )
        fmax = ", ".join(f"{value:.1f}" for value in build["fmax_mhz"])
        if lost := build.get("given_up"):
            fmax += f"; {len(lost)} not routed in {build['minutes']:g} minutes"
        clocks = f"{build['median_mhz']:.1f} / {build['worst_mhz']:.1f}"
        wires = f"{_wires(build['critical_path']):.0%}"
        rows.append([*first, fmax, clocks, wires, used])
    head = ["board", "design", "asked, MHz", "routed fmax per seed, MHz", "median / worst"]
    return table([*head, "wires", "used"], rows)


def _wires(path: list[str]) -> float:
    """The share of wires in the delay of a longest path, whose hops say their kind and delay."""
    delays = [hop.split()[:2] for hop in path]
    total = sum(float(delay) for _, delay in delays)
    return sum(float(delay) for kind, delay in delays if kind == "routing") / total


def hardware() -> str:
    """What the shipped network gets from every build."""
    rows = []
    for row in load("hardware") or []:
        if not row["fits"]:
            continue
        dense, effective = row["dense_design_gops"], row["effective_gops"]
        rows.append(
            [
                f"{row['board']}, {row['lanes']} lanes",
                f"{row['clock_mhz']:.1f}",
                f"{row['cycles']['mean']:,.0f} / {row['worst_cycles']:,}",
                f"{row['frames_per_second']:,} / {row['least_frames_per_second']:,}",
                f"{row['peak_gops']:.2f} / {effective:.2f}",
                f"{dense:.2f} ({effective / dense:.1f})" if dense else "",
                f"{row['utilisation']:.1%}",
            ]
        )
    head = ["board", "clock, MHz", "cycles per frame (mean / worst)"]
    head += ["frames per second (mean / worst)", "GOp/s (peak / effective)"]
    head += ["dense product, GOp/s (effective over it)", "utilisation"]
    return table(head, rows)


def logic() -> str:
    """Logic and memories of every accelerator that was counted."""
    rows = [
        [
            _shape(row),
            *(_count(row["resources"], names) for names in COUNTED),
            f"`{row['command']}`",
        ]
        for row in load("logic") or []
    ]
    head = ["board, lanes x pointwise lanes", "LUT or logic cells", "flip-flops", "block RAM"]
    return table([*head, "multipliers", "command"], rows)


def _shape(row: dict[str, Any]) -> str:
    formats = formats_text(row["weight_bits"], row["features"]["value_bit"])
    return f"{row['board']}, {row['lanes']} x {row['pointwise_lanes']}{formats}"


def _count(resources: dict[str, int], names: tuple[str, ...]) -> str:
    return next((f"{resources[name]:,}" for name in names if name in resources), "")


def _used(counts: dict[str, tuple[int, int]]) -> str:
    """Resources that are shown: used, and there."""
    shown = {name: pair for name, pair in counts.items() if name in SHOWN}
    return ", ".join(f"{SHOWN[name]} {used:,}/{there:,}" for name, (used, there) in shown.items())
