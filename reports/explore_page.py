"""The search's page: error against fetches, and the Pareto front, in one self-contained file."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .render import render

WIDTH, HEIGHT = 520, 340
"""Of the plot, in its own units."""

LEFT, RIGHT, TOP, BOTTOM = 66, 14, 12, 44
"""Margins of the plot."""

HEADS = ("threshold x; h", "error", "loss", "fetches per frame", "reduction", "cycles per frame",
         "energy, estimate")  # fmt: skip
BOARD_HEADS = 2
"""Columns of the front's table, the last ones of a board."""

NEAR = 20
"""Least distance of two marks on the axis of errors."""


def page(data: dict[str, Any], points: Sequence[dict[str, Any]], command: str) -> str:
    """The page of a search.

    Parameters
    ----------
    data : dict
        As ``thresh explore --json`` prints it.
    points : sequence of dict
        Every point, as `thresh.tuning.search.described`.
    command : str
        What makes the page again.
    """
    return render("explore.html.j2", **_content(data, points), command=command)


def _content(data: dict[str, Any], points: Sequence[dict[str, Any]]) -> dict[str, Any]:
    front = {tuple(point["integers"]) for point in data["front"]}
    special = {
        tuple(data[key]["integers"]): text
        for key, text in (
            ("present", "as the model is"),
            ("unthresholded", "all thresholds 0"),
            ("chosen", "chosen"),
        )
        if data[key]
    }
    plot = Plot(points)
    dots: list[dict[str, Any]] = []
    for point in points:
        key = tuple(point["integers"])
        x, y = plot.place(point)
        role = "front" if key in front else "dot"
        name = special.get(key, "")
        dots.append(
            {"x": x, "y": y, "role": role, "name": name, "point": point}
            | {"spoken": _spoken(point, name, data["unit"])}
        )
    dots.sort(key=lambda dot: (dot["role"] == "front", bool(dot["name"])))
    line = sorted((dot["x"], dot["y"]) for dot in dots if dot["role"] == "front")
    limit = None
    if data["max_loss"] is not None:
        limit = plot.y(data["unthresholded"]["error"] + data["max_loss"])
    best = data["chosen"] or data["front"][0]
    return {
        "title": f"Thresholds of {data['network']}",
        "source": Path(data["data"]).name,
        "data": data,
        "facts": _facts(data),
        "plot": plot,
        "dots": dots,
        "line": " ".join(f"{x:.1f},{y:.1f}" for x, y in line),
        "limit": limit,
        "heads": HEADS if data["front"][0]["boards"] else HEADS[:-BOARD_HEADS],
        "boards": data["board_titles"],
        "first": next(
            n for n, dot in enumerate(dots) if dot["point"]["integers"] == best["integers"]
        ),
    }


def _spoken(point: dict[str, Any], name: str, unit: str) -> str:
    """A point as a screen reader says it."""
    error = f"{point['error']:.2f} %" if unit == "%" else f"{point['error']:.3g} RMS"
    hidden = ", ".join(f"{value:.3g}" for value in point["threshold_h"])
    thresholds = f"thresholds {point['threshold_x']:.3g}" + (f"; {hidden}" if hidden else "")
    known = f"{name}: " if name else ""
    return (
        f"{known}{thresholds}, error {error}, {point['fetches_per_frame']:,.0f} fetches per frame"
    )


def _facts(data: dict[str, Any]) -> list[dict[str, str]]:
    sign = " %" if data["unit"] == "%" else ""
    base, chosen = data["unthresholded"], data["chosen"]
    facts = [
        {"value": f"{data['points']}", "name": f"points on {data['sequences']:,} sequences"},
        {"value": f"{base['error']:.3g}{sign}", "name": "error with all thresholds 0"},
    ]
    if chosen:
        facts += [
            {"value": f"{chosen['error']:.3g}{sign}", "name": "error with the chosen thresholds"},
            {"value": _times(chosen), "name": "fewer weights fetched than dense, chosen"},
        ]
    else:
        facts.append(
            {"value": _times(data["present"]), "name": "fewer weights fetched, as the model is"}
        )
    return facts


def _times(point: dict[str, Any]) -> str:
    return f"{point['reduction']:.1f} ×" if point["reduction"] else "all"


class Plot:
    """Scales of the plot: logarithm of fetches per frame, square root of the error.

    Parameters
    ----------
    points : sequence of dict
        As `thresh.tuning.search.described`.
    """

    width, height = WIDTH, HEIGHT
    left, right, top, bottom = LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM

    def __init__(self, points: Sequence[dict[str, Any]]) -> None:
        fetches = [point["fetches_per_frame"] for point in points]
        self.floor = max(1.0, min((value for value in fetches if value >= 1), default=1.0))
        self.low = math.log10(self.floor) - 0.06
        self.high = max(math.log10(max([*fetches, self.floor])), self.low + 0.3) + 0.06
        self.worst = 1.1 * max(point["error"] for point in points) or 1.0

    def x(self, fetches: float) -> float:
        """Place of fetches per frame."""
        share = (math.log10(max(fetches, self.floor)) - self.low) / (self.high - self.low)
        return round(self.left + share * (self.right - self.left), 1)

    def y(self, error: float) -> float:
        """Place of an error; one below 0 stands at 0."""
        share = math.sqrt(min(max(error, 0.0) / self.worst, 1.0))
        return round(self.bottom - share * (self.bottom - self.top), 1)

    def place(self, point: dict[str, Any]) -> tuple[float, float]:
        """Place of a point."""
        return self.x(point["fetches_per_frame"]), self.y(point["error"])

    @property
    def x_ticks(self) -> list[tuple[float, str]]:
        """Places and texts of round fetches."""
        values = [value for value in _round(self.low, self.high) if value >= 1]
        return [
            (self.x(value), f"{value / 1000:g}k" if value >= 1000 else f"{value:g}")
            for value in values
        ]

    @property
    def y_ticks(self) -> list[tuple[float, str]]:
        """Places and texts of 0 and round errors, no two too near."""
        high = math.log10(self.worst)
        ticks = [(self.y(0), "0")]
        for value in _round(high - 2.5, high):
            if ticks[-1][0] - self.y(value) >= NEAR:
                ticks.append((self.y(value), f"{value:g}"))
        return ticks


def _round(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten whose logarithms lie between ``low`` and ``high``."""
    return [
        float(f"{digit}e{power}")
        for power in range(math.floor(low), math.ceil(high) + 1)
        for digit in (1, 2, 5)
        if low <= math.log10(digit) + power <= high
    ]
