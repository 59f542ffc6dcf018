"""Operating points: figures over seeds, and which of a technique's points is taken."""

import numpy as np

from .experiment import Figures

Final = tuple[str, Figures]
"""A technique and its point, which becomes an integer network."""


def over_seeds(found: list[Figures]) -> Figures:
    """Mean and spread (standard deviation) of every figure, and its values by seed."""
    joined = {}
    for name in found[0]:
        values = [one[name] for one in found]
        spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
        joined[name] = {
            "mean": round(float(np.mean(values)), 4), "spread": round(spread, 4),
            "values": [round(value, 4) for value in values],
        }  # fmt: skip
    return joined


def choose(points: list[Figures], limit: float) -> Figures:
    """The point of the largest reduction within ``limit``, or else of the smallest error."""
    good = [point for point in points if point["error"]["mean"] <= limit]
    if good:
        return max(good, key=lambda point: point["reduction"]["mean"])
    return min(points, key=lambda point: point["error"]["mean"])


def reaching(points: list[Figures], wanted: float) -> Figures:
    """The point of the smallest reduction that is at least ``wanted``, else of the largest."""
    rising = sorted(points, key=lambda point: point["reduction"]["mean"])
    return next((one for one in rising if one["reduction"]["mean"] >= wanted), rising[-1])


def at_goal(curves: dict[str, list[Figures]], wanted: float) -> Final:
    """The technique that reaches ``wanted`` with the smallest error, or else comes nearest."""
    points = {name: reaching(curve, wanted) for name, curve in curves.items()}
    there = {name: one for name, one in points.items() if one["reduction"]["mean"] >= wanted}
    if there:
        return min(there.items(), key=lambda item: item[1]["error"]["mean"])
    return max(points.items(), key=lambda item: item[1]["reduction"]["mean"])
