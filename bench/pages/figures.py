"""Write the figures of README.md, docs/results.md and docs/sparse-columns.md from docs/results."""

import sys

from bench.cycles import sparse_columns, sparse_sdram
from bench.hardware import logic
from bench.hardware.targets import formats_text, load_builds
from bench.results import ROOT, load
from bench.software import estimate_time, simulation_speed
from thresh.hw.estimates.resources import load_coefficients

from . import plots
from .goals import CHIPS, goals
from .markdown import fill, table

PAGES = ("README.md", "docs/results.md", "docs/sparse-columns.md")


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


def _used(counts: dict[str, tuple[int, int]]) -> str:
    """Resources that are shown: used, and there."""
    shown = {name: pair for name, pair in counts.items() if name in SHOWN}
    return ", ".join(f"{SHOWN[name]} {used:,}/{there:,}" for name, (used, there) in shown.items())


def streamed() -> str:
    """What a network gets whose columns are streamed from SDRAM."""
    rows = [
        [
            f"{row['activity']:.0%}",
            f"{row['integers_compared']:,}",
            f"{row['cycles']:,.0f}",
            f"{row['bandwidth_used']:.1%}",
            f"{row['frames_per_second']:,.0f}",
            f"{row['effective_gops']:.1f}",
        ]
        for row in load("streamed") or []
    ]
    head = ["active", "integers compared", "cycles per step", "of the pins' bandwidth"]
    text = table([*head, "frames per second", "effective GOp/s"], rows)
    if build := load("streamed-build"):
        clocks = ", ".join(f"{mhz:.1f}" for mhz in build["fmax_mhz"].values())
        text += (
            f"\nThe bitstream with the SDRAM's pins, {build['board']}, routes for {clocks} MHz, a "
            f"seed each (`{build['command']}`).\n"
        )
    return text


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
    for row in (load("hardware") or {"rows": []})["rows"]:
        if "recordings" not in row or not row["fits"]:
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


def utilisation() -> str:
    """Utilisation over activity, beside EdgeDRNN."""
    rows = []
    runs = load("utilisation") or []
    for lanes, family in dict.fromkeys((run["lanes"], run["family"]) for run in runs):
        for network in ("1x128", "2x128", "2x256"):
            found = {
                run["activity"]: run
                for run in runs
                if (run["lanes"], run["family"], run["network"]) == (lanes, family, network)
            }
            if not found:
                continue
            shares = [
                f"{run['utilisation']:.1%}, {run['sustained']['utilisation']:.1%} "
                f"({run['edgedrnn']['utilisation']:.0%})"
                for run in (found[activity] for activity in (0.01, 0.03, 0.1, 1))
            ]
            first = found[0]
            fixed = f"{first['fixed_cycles_per_layer']:.0f}"
            idle = f"{first['cycles']['mean'] / first['layers']:.0f}"
            shape = f"{lanes} x {first['pointwise_lanes']}, {CHIPS[family]}"
            shape += formats_text(first["weight_bits"], first["value_bits"])
            rows.append([shape, network, *shares, fixed, idle])
    head = ["lanes x pointwise lanes", "network", "1 % active", "3 %", "10 %", "dense"]
    return table([*head, "beyond ideal per layer, cycles", "idle layer, cycles"], rows)


def recordings() -> str:
    """The shipped network on the clips, on every number of lanes."""
    rows = [
        [
            f"{run['lanes']} x {run['pointwise_lanes']}, {run['family']}",
            f"{run['activity']:.1%}",
            f"{run['cycles']['min']:,} / {run['cycles']['mean']:,.0f} / {run['cycles']['max']:,}",
            f"{run['predicted_cycles']:,.0f}",
            f"{run['threshold_off_cycles']:,.0f}",
            f"{run['worst_cycles']:,}",
            f"{run['utilisation']:.1%}",
            f"{run['edgedrnn']['cycles']:,.0f}",
        ]
        for run in load("utilisation") or []
        if "recordings" in run
    ]
    head = [
        "lanes x pointwise lanes",
        "activity",
        "cycles per frame (min/mean/max)",
        "predicted mean",
    ]
    head += ["thresholds off", "worst case", "utilisation", "EdgeDRNN"]
    return table(head, rows)


def wanted() -> str:
    """The goals, and how far the measurements are from them."""
    return table(["goal", "wanted", "measured", "met"], goals(load_builds(), load("utilisation")))


def prediction() -> str:
    """How far `thresh estimate` is from simulations and builds."""
    rows = []
    runs = load("utilisation") or []
    if runs:
        errors = [abs(run["predicted_cycles"] / run["cycles"]["mean"] - 1) for run in runs]
        rows.append(["mean cycles of a step", f"{len(runs)} simulations", f"{max(errors):.2%}"])
        worst = [abs(run["worst_cycles"] / run["dense"]["cycles"] - 1) for run in runs]
        rows.append(["worst-case cycles", f"{len(runs)} simulations", f"{max(worst):.2%}"])
    for family, found in load_coefficients().get("relative_error", {}).items():
        for resource, error in found.items():
            said = "not known" if error["largest"] is None else f"{error['largest']:.1%}"
            against = f"{error['builds']} accelerators, each from the others"
            rows.append([f"{SHOWN[resource]} ({family})", against, said])
    return table(["prediction", "compared with", "largest error"], rows)


SIMULATED = (
    ("sim-clips", "the clips that ship, over the serial line"),
    ("sim-fsdd", "60 of FSDD test, over the serial line"),
    ("sim-fsdd-core", "FSDD test, core alone"),
)
"""Simulations and what they ran."""

SHOWN = {
    "ICESTORM_LC": "logic cells", "ICESTORM_RAM": "block RAM", "ICESTORM_DSP": "multipliers",
    "ICESTORM_SPRAM": "SPRAM", "TRELLIS_COMB": "LUT", "TRELLIS_FF": "flip-flops",
    "DP16KD": "block RAM", "MULT18X18D": "multipliers",
}  # fmt: skip
"""Resources worth a word."""

TABLES = {
    "hearing": hearing, "simulation": simulation, "training": training, "hardware": hardware,
    "boards": boards, "streamed": streamed, "bitstreams": bitstreams, "utilisation": utilisation,
    "recordings": recordings, "wanted": wanted, "prediction": prediction, "logic": logic.show,
    "estimate_time": estimate_time.show, "sparse_columns": sparse_columns.show,
    "sparse_sdram": sparse_sdram.show, "simulation_speed": simulation_speed.show,
}  # fmt: skip


def render(name: str) -> str:
    """A page with every table written anew."""
    return fill((ROOT / name).read_text(), TABLES)


def write() -> None:
    """Write every page anew, and draw every plot whose data have changed."""
    plots.draw(load("utilisation") or [], load_builds())
    for name in PAGES:
        (ROOT / name).write_text(render(name))


def main() -> None:
    """Write the pages, or with ``--check`` say whether they would change."""
    if "--check" not in sys.argv[1:]:
        write()
        return
    stale = [name for name in PAGES if render(name) != (ROOT / name).read_text()]
    stale += plots.stale(load("utilisation") or [], load_builds())
    if stale:
        sys.exit(
            f"{', '.join(stale)}: not what docs/results says; run python -m bench.pages.figures"
        )


if __name__ == "__main__":
    main()
