"""What a search over thresholds found."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thresh.model.network import Network
from thresh.tuning.explore import Found

from .shown import Shown
from .table import Table, facts, grid


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Exploration(Shown):
    """Every choice of thresholds that was tried: its error, its fetches, its cycles.

    Parameters
    ----------
    found : `thresh.tuning.explore.Found`
    source, split : str
        What it was run on, for people.
    command : str
        What makes it again, for people.
    """

    found: Found
    source: str
    split: str = "all"
    command: str = "Network.explore"

    @property
    def points(self) -> list[dict[str, Any]]:
        """Every point: thresholds in real numbers and integers, error, loss, fetches, cycles."""
        return self.found.points()

    def tuned(self) -> Network:
        """`thresh.model.network.Network` with the chosen thresholds.

        Raises
        ------
        ValueError
            When nothing was chosen.
        """
        return self.found.tuned(source=Path(self.source).name, split=self.split)

    @property
    def title(self) -> str:
        """The network's name."""
        return f"thresholds of {self.found.problem.network.name}"

    @property
    def summary(self) -> str:
        """How many points, and what was chosen."""
        data = self.to_dict()
        best = data["chosen"] or data["present"]
        word = "chosen" if data["chosen"] else "as it is"
        text = f"{data['points']} points tried; {word}: {sentence(best, data['unit'])}"
        return f"{text}; {known_to(data)}" if data["interval"] else text

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh explore --json`` prints it, without the names of files written."""
        return (
            {"data": self.source, "split": self.split}
            | self.found.to_dict()
            | {"journal": str(self.found.journal) if self.found.journal else None}
        )

    def tables(self) -> list[Table | str]:
        """The Pareto front, the points that have a name, and their cost on the boards."""
        data = self.to_dict()
        boards = list(data["unthresholded"]["boards"])
        unit = "error, %" if data["unit"] == "%" else "RMS error"
        columns = ["threshold x", "h", unit, "loss", "fetches/frame", "reduction"]
        if boards:
            columns.append(f"cycles, {boards[0]}")
        title = f"Pareto front of {data['network']}: {data['points']} points tried"
        names = [
            ("all thresholds 0", "unthresholded"), ("as it is", "present"), ("chosen", "chosen"),
        ]  # fmt: skip
        known = [(text, data[key]) for text, key in names if data[key]]
        parts: list[Table | str] = [
            grid(title, columns, [_cells(point, boards[:1]) for point in data["front"]]),
            facts(
                f"{data['sequences']} sequences, {data['frames']:,} frames",
                [
                    *((text, sentence(point, data["unit"])) for text, point in known),
                    *([("noise", known_to(data))] if data["interval"] else []),
                ],
            ),
        ]
        if boards:
            costs = [
                (board, *(_cost(point["boards"][board]) for _, point in known)) for board in boards
            ]
            heads = ("board", *(text for text, _ in known))
            parts += [grid("Cycles and energy of a frame", heads, costs), data["energy"]]
        return parts

    def _page(self) -> str:
        from .explore_page import page

        return page(self.to_dict(), self.points, self.command)


def known_to(data: dict[str, Any]) -> str:
    """How well so many sequences know the error of the point that is used."""
    low, high = data["interval"]
    return f"{data['sequences']} sequences know that error to {low:.1f} to {high:.1f}% (95%)"


def sentence(point: dict[str, Any], unit: str) -> str:
    """A point for people."""
    hidden = ", ".join(f"{value:.3g}" for value in point["threshold_h"])
    error = f"{point['error']:.2f} %" if unit == "%" else f"RMS {point['error']:.3g}"
    saved = f", {point['reduction']:.1f}x fewer fetches" if point["reduction"] else ""
    return f"x {point['threshold_x']:.3g}, h {hidden or '-'}: {error}{saved}"


def _cells(point: dict[str, Any], boards: list[str]) -> list[object]:
    return [
        point["threshold_x"],
        ", ".join(f"{value:.3g}" for value in point["threshold_h"]),
        point["error"],
        point["loss"],
        point["fetches_per_frame"],
        "-" if point["reduction"] is None else f"{point['reduction']:.1f}x",
        *(point["boards"][name]["cycles_per_frame"] for name in boards),
    ]


def _cost(cost: dict[str, Any]) -> str:
    energy = cost["energy_estimate_microjoules"]
    return f"{cost['cycles_per_frame']:,.0f}" + ("" if energy is None else f", {energy:.3g} uJ")
