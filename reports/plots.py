"""The report's figures, as SVG text that takes its colours from the page."""

import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

WIDTH = 4.8
"""Inches; small, so that text stays readable when a phone shrinks it."""

INK, MAIN, QUIET, WARN = "#010101", "#010102", "#010103", "#010104"
"""Stand-ins that `svg_text` replaces by the page's colours."""

COLOURS = {
    INK: "currentColor", MAIN: "var(--main)", QUIET: "var(--quiet)", WARN: "var(--warn)",
}  # fmt: skip

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.size": 9.5,
    "font.family": "sans-serif",
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.constrained_layout.use": True,
}


def blank_figure(height: float, rows: int = 1, **options: Any) -> tuple[Figure, np.ndarray]:
    """A figure of ``rows`` axes under each other, ``height`` inches high in all."""
    figure = Figure(figsize=(WIDTH, height))
    return figure, figure.subplots(rows, 1, squeeze=False, **options)[:, 0]


def svg_text(figure: Figure, name: str, says: str) -> str:
    """The figure as SVG, which a screen reader calls ``says``."""
    text = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": name}):
        figure.savefig(
            text,
            format="svg",
            transparent=True,
            metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")),
        )
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :].replace(
        "<svg", f'<svg role="img" aria-label="{escape(says)}"', 1
    )
    for stand_in, colour in COLOURS.items():
        svg = svg.replace(stand_in, colour)
    return svg.replace("font: 9.5px sans-serif", "font-size: 9.5px")


def activity(rasters: Mapping[str, np.ndarray]) -> str:
    """Which unit fired when, one raster per list.

    Parameters
    ----------
    rasters : dict of ndarray of bool, shape (frames, units)
        By the list's name.
    """
    with matplotlib.rc_context(STYLE):
        sizes = [max(0.5, raster.shape[1] / 60) for raster in rasters.values()]
        figure, axes = blank_figure(
            0.8 + sum(sizes) + 0.3 * len(sizes), len(sizes), sharex=True, height_ratios=sizes
        )
        for place, (name, raster) in zip(axes, rasters.items(), strict=True):
            frames, units = np.nonzero(raster)
            place.plot(frames, units, "s", markersize=1.7, color=MAIN, markeredgewidth=0)
            place.set_ylim(-1, raster.shape[1])
            place.set_ylabel("unit")
            place.set_title(f"{name}: {raster.mean():.1%} of values sent")
        axes[-1].set_xlabel("frame")
        sent = ", ".join(f"{name} {raster.mean():.1%}" for name, raster in rasters.items())
        return svg_text(figure, "activity", f"Values sent in every frame: {sent}")


def work(delta: np.ndarray, dense: int) -> str:
    """Weights fetched in every frame, against the dense number."""
    with matplotlib.rc_context(STYLE):
        figure, (place,) = blank_figure(2.4)
        place.axhline(dense, color=QUIET, linewidth=1.5)
        place.annotate(
            f"dense: {dense:,}", (0, dense), xytext=(2, -4), textcoords="offset points", va="top"
        )
        place.fill_between(np.arange(len(delta)), delta, step="mid", color=MAIN, linewidth=0)
        place.set_ylim(0, 1.05 * max(dense, int(delta.max(initial=0))))
        place.set_xlim(-0.5, len(delta) - 0.5)
        place.set_xlabel("frame")
        place.set_ylabel("weights fetched")
        place.yaxis.set_major_formatter(lambda value, _: f"{value / 1000:g}k" if value else "0")
        mean = delta.mean() if len(delta) else 0.0
        says = f"Weights fetched in every frame: {mean:,.0f} in the mean, {dense:,} when dense"
        return svg_text(figure, "work", says)


def utilization(resources: Mapping[str, Mapping[str, int]]) -> str:
    """How much of the device each resource takes."""
    with matplotlib.rc_context(STYLE):
        names = list(resources)
        figure, (place,) = blank_figure(0.5 + 0.28 * len(names))
        shares = [resources[name]["used"] / resources[name]["available"] for name in names]
        place.barh(names, [1.0] * len(names), color=QUIET, alpha=0.25, height=0.6)
        place.barh(names, shares, color=MAIN, height=0.6)
        for row, name in enumerate(names):
            used = resources[name]
            place.annotate(
                f"{used['used']:,} of {used['available']:,}", (1, row), xytext=(6, 0),
                textcoords="offset points", va="center",
            )  # fmt: skip
        bare(place, len(names))
        place.set_xlim(0, 1.45)
        parts = [f"{n} {r['used']:,} of {r['available']:,}" for n, r in resources.items()]
        return svg_text(figure, "utilization", f"Use of the device: {', '.join(parts)}")


def fmax(by_seed: Mapping[str, float], clock_mhz: float) -> str:
    """Routed speed of every seed against the clock."""
    with matplotlib.rc_context(STYLE):
        names = [f"seed {seed}" for seed in by_seed]
        figure, (place,) = blank_figure(0.8 + 0.28 * len(names))
        values = list(by_seed.values())
        colours = [MAIN if value >= clock_mhz else WARN for value in values]
        place.barh(names, values, color=colours, height=0.6)
        for row, value in enumerate(values):
            place.annotate(
                f"{value:.1f} MHz", (value, row), xytext=(4, 0),
                textcoords="offset points", va="center",
            )  # fmt: skip
        place.axvline(clock_mhz, color=INK, linewidth=1.2, linestyle="--")
        place.set_title(f"dashed: the clock, {clock_mhz:g} MHz")
        bare(place, len(names))
        place.set_xlim(0, 1.25 * max([*values, clock_mhz]))
        routed = ", ".join(f"{value:.1f}" for value in values)
        return svg_text(figure, "fmax", f"Routed at {routed} MHz; the clock is {clock_mhz:g} MHz")


def detection(points: Sequence[tuple[float, float]], chosen: tuple[float, float]) -> str:
    """Share of misses over false accepts per hour, and the point that was chosen.

    Parameters
    ----------
    points : sequence of (float, float)
        Misses, 0 to 1, and false accepts per hour.
    chosen : (float, float)
    """
    with matplotlib.rc_context(STYLE):
        figure, (place,) = blank_figure(2.8)
        misses, rates = np.array(points).T
        place.step(rates, 100 * misses, where="post", color=MAIN, linewidth=1.5)
        place.plot([chosen[1]], [100 * chosen[0]], "o", color=WARN, markersize=6)
        place.set_xscale("symlog", linthresh=0.1)
        place.set_xlim(0, max(1.0, 1.1 * rates.max()))
        place.set_ylim(0, 1.05 * max(1.0, 100 * misses.max()))
        place.set_xlabel("false accepts per hour")
        place.set_ylabel("misses, %")
        says = f"Misses over false accepts per hour; {chosen[0]:.1%} at {chosen[1]:.2g} are chosen"
        return svg_text(figure, "detection", says)


def bare(place: Axes, rows: int) -> None:
    """Bars under each other, without axes."""
    place.set_ylim(rows - 0.5, -0.5)
    place.set_xticks([])
    place.tick_params(left=False)
    for side in ("left", "bottom"):
        place.spines[side].set_visible(False)
