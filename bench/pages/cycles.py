"""Tables of simulated cycles."""

from bench.hardware.targets import formats_text, load_builds
from bench.results import load
from thresh.hw.estimates.resources import load_coefficients

from .goals import CHIPS, goals
from .hardware import SHOWN
from .markdown import table


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


def gates() -> str:
    """Netlists beside the golden model, and the same with a cell spoilt."""
    rows = load("gate-level") or []
    shown = [
        [
            f"{row['board']}, " + ("routed" if row["routed"] else "synthesised"),
            f"{sum(row['cells'].values()):,}",
            f"{row['seed']}",
            f"{row['units']}",
            f"{row['frames']}",
            f"{row['integers_compared']:,}",
            f"{row['mismatches']:,}",
            f"{row['cycles']:,}",
            row.get("spoilt", ""),
        ]
        for row in rows
    ]
    head = ["netlist", "cells", "start", "units", "frames", "integers compared", "differences"]
    return table([*head, "cycles simulated", "cell spoilt"], shown)
