"""Draw docs/plots/*.svg from docs/results/*.json."""

import hashlib
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from bench.results import ROOT

PLOTS = ROOT / "docs" / "plots"

COLOURS = {8: "#7b3294", 16: "#2c7bb6", 32: "#1a9850", 64: "#d98200", 128: "#c51b1b"}
"""By lanes."""

STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "thresh",
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}

Row = dict[str, Any]

PROVENANCE = ("case", "command", "key", "netlist")
"""Fields that no plot shows."""


def utilisation_over_activity(runs: list[Row], builds: list[Row]) -> Figure:
    """Utilisation of every number of lanes over activity, EdgeDRNN's beside it."""
    names = ("1x128", "2x128", "2x256")
    figure = Figure(figsize=(10.4, 3.4))
    for axes, name in zip(figure.subplots(1, 3, sharey=True), names, strict=True):
        for lanes in COLOURS:
            rows = [row for row in _of(runs, lanes, name) if row["activity"] > 0]
            x = [row["activity"] for row in rows]
            axes.plot(x, [row["utilisation"] for row in rows], "o-", ms=3, color=COLOURS[lanes],
                      label=f"{lanes} lanes")  # fmt: skip
        fewest = next((found for lanes in COLOURS if (found := _of(runs, lanes, name))), [])
        rows = [row for row in fewest if row["activity"] > 0]
        peer = [row["edgedrnn"]["utilisation"] for row in rows]
        if rows:
            label = "EdgeDRNN, lanes\nas the first line"
            axes.plot([row["activity"] for row in rows], peer, "k--", lw=1, label=label)
        axes.set(title=f"{name} GRU, 64 inputs", xscale="log", ylim=(0, 1.02))
        axes.set_xlabel("activity")
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=None))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    figure.axes[0].set_ylabel("utilisation of the multipliers")
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside right upper")
    return figure


def cycles_over_units(runs: list[Row], builds: list[Row]) -> Figure:
    """Cycles of a step over the size of one layer."""
    return _growth(runs, "units H of one layer", [f"1x{units}" for units in SIZES], SIZES)


def cycles_over_layers(runs: list[Row], builds: list[Row]) -> Figure:
    """Cycles of a step over the number of layers."""
    counts = (1, 2, 3, 4)
    return _growth(runs, "layers of 128 units", [f"{count}x128" for count in counts], counts)


SIZES = (64, 128, 256, 512, 1024)
GROWTH = (0.03, 0.1, 1)
"""Activities that growth is shown at."""


def _growth(runs: list[Row], label: str, names: list[str], values: tuple[int, ...]) -> Figure:
    figure = Figure(figsize=(9.6, 3.2))
    for axes, activity in zip(figure.subplots(1, len(GROWTH), sharey=True), GROWTH, strict=True):
        for lanes in COLOURS:
            found = {row["network"]: row for row in _of(runs, lanes) if row["activity"] == activity}
            pairs = [(v, found[n]) for v, n in zip(values, names, strict=True) if n in found]
            x = [value for value, _ in pairs]
            axes.plot(x, [row["cycles"]["mean"] for _, row in pairs], "o-", ms=3,
                      color=COLOURS[lanes], label=f"{lanes} lanes")  # fmt: skip
            axes.plot(x, [row["ideal_cycles"] for _, row in pairs], ":", lw=1, color=COLOURS[lanes])
        axes.set(title=f"{activity:.0%} active", yscale="log", xlabel=label)
        if max(values) > 10:
            axes.set_xscale("log", base=2)
        axes.set_xticks(values, [str(value) for value in values])
        axes.minorticks_off()
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:,.0f}"))
    figure.axes[0].set_ylabel("cycles per step (dotted: ideal)")
    figure.axes[0].legend(loc="upper left", fontsize=8)
    return figure


def routed_clocks(runs: list[Row], builds: list[Row]) -> Figure:
    """fmax of every seed, the clock asked for, and the dense design of the same lanes."""
    builds = [row for row in builds if "error" not in row]
    figure = Figure(figsize=(7.2, 0.6 + 0.42 * max(1, len({row["name"] for row in builds}))))
    axes: Axes = figure.subplots()
    names = list(dict.fromkeys(row["name"] for row in builds))[::-1]
    for row in builds:
        at = names.index(row["name"])
        dense = row["design"] == "dense"
        colour = "0.6" if dense else COLOURS[row["lanes"]]
        place = at + (-0.16 if dense else 0.16)
        axes.plot(row["fmax_mhz"], [place] * len(row["fmax_mhz"]), "o", ms=4, alpha=0.7,
                  color=colour)  # fmt: skip
        axes.plot([row["median_mhz"]], [place], "|", ms=11, color=colour)
        axes.plot([row["asked_mhz"]] * 2, [at - 0.38, at + 0.38], "k-", lw=1)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlim=(0, None), xlabel="routed fmax, MHz (line: asked; grey: dense design)")
    axes.grid(axis="y", visible=False)
    return figure


PLOTTED: dict[str, Callable[[list[Row], list[Row]], Figure]] = {
    "utilisation": utilisation_over_activity,
    "units": cycles_over_units,
    "layers": cycles_over_layers,
    "clocks": routed_clocks,
}
"""Plots by file."""


def _of(runs: list[Row], lanes: int, network: str | None = None) -> list[Row]:
    """Rows of so many lanes; 8 lanes are the UP5K's."""
    family = "ice40" if lanes == 8 else "ecp5"
    return [
        row
        for row in runs
        if (row["lanes"], row["family"]) == (lanes, family)
        and (network is None or row["network"] == network)
    ]


def digest(runs: list[Row], builds: list[Row]) -> str:
    """What the plots are of and how they are drawn; not how it was come by."""
    source = Path(__file__).read_text()
    drawn = [
        [{name: value for name, value in row.items() if name not in PROVENANCE} for row in rows]
        for rows in (runs, builds)
    ]
    return hashlib.sha256(json.dumps([*drawn, source]).encode()).hexdigest()[:16]


def stale(runs: list[Row], builds: list[Row]) -> list[str]:
    """Plots that are not of these data."""
    wanted = f"data {digest(runs, builds)}"
    paths = [PLOTS / f"{name}.svg" for name in PLOTTED]
    return [path.name for path in paths if not path.exists() or wanted not in path.read_text()]


def draw(runs: list[Row], builds: list[Row]) -> None:
    """Draw every plot that is not of these data yet."""
    PLOTS.mkdir(parents=True, exist_ok=True)
    for file in stale(runs, builds):
        with matplotlib.rc_context(STYLE):
            figure = PLOTTED[Path(file).stem](runs, builds)
            text = io.StringIO()
            figure.savefig(
                text, format="svg", facecolor="white",
                metadata={"Date": None, "Title": f"data {digest(runs, builds)}"},
            )  # fmt: skip
        # Spaces at the ends of lines differ between versions.
        (PLOTS / file).write_text(re.sub(r" +\n", "\n", text.getvalue()))
