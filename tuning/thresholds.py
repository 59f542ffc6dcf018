"""Thresholds of a network as a point, and which points a search tries next."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from thresh.model.network import Network
from thresh.model.qformat import QFormat
from thresh.model.quantise import dequantise

from .calibration import with_thresholds
from .float_runs import run_floats

Point = tuple[int, ...]
"""Thresholds in integers: of the inputs, then of every layer whose output is delta encoded."""

LOWEST, HIGHEST = 1 / 8, 3 / 2
"""Range of the grid, in parts of each signal's standard deviation, beside 0."""

PER_LAYER = 4
"""Thresholds that are refined each by itself; more are refined as one for the inputs and one for
all layers."""

SAMPLE = 32
"""Sequences from which the signals' deviations are taken."""


def fracs(network: Network) -> list[int]:
    """Fraction bits of each threshold of a point."""
    hidden = zip(network.layers, network.encoded, strict=True)
    return [network.layers[0].x_frac] + [layer.h_frac for layer, encoded in hidden if encoded]


def reals(network: Network, point: Point) -> list[float]:
    """A point's thresholds as real numbers."""
    return [value / 2.0**frac for value, frac in zip(point, fracs(network), strict=True)]


def point_of(network: Network) -> Point:
    """The thresholds that ``network`` has."""
    hidden = zip(network.layers, network.encoded, strict=True)
    return (
        network.layers[0].threshold_x,
        *(layer.threshold_h for layer, encoded in hidden if encoded),
    )


def network_at(network: Network, point: Point) -> Network:
    """``network`` with a point's thresholds; formats and the rule between layers are kept."""
    values = reals(network, point)
    return with_thresholds(network, values + [0.0] * (len(network.layers) + 1 - len(values)))


def snapped(network: Network, values: Sequence[float]) -> Point:
    """The point nearest to real thresholds."""
    highest = (1 << (network.value_bits - 1)) - 1
    pairs = zip(values, fracs(network), strict=True)
    return tuple(min(max(round(value * 2.0**frac), 0), highest) for value, frac in pairs)


def deviations(network: Network, sequences: Sequence[np.ndarray]) -> list[float]:
    """Standard deviation of every signal that has a threshold, over the float network's runs.

    Parameters
    ----------
    network : Network
    sequences : sequence of ndarray of int, shape (frames, inputs)
    """
    form = QFormat(bits=network.value_bits, frac=network.layers[0].x_frac)
    some = [form.real(sequence) for sequence in sequences[:: -(-len(sequences) // SAMPLE)]]
    spread = run_floats(dequantise(network), some).spread
    return [float(value) for value in spread[: len(fracs(network))]]


def levels(count: int) -> list[float]:
    """0, and ``count - 1`` parts of a deviation, each the same factor above the one before."""
    return [0.0, *np.geomspace(LOWEST, HIGHEST, count - 1).tolist()]


def grid(network: Network, scales: Sequence[float], count: int) -> list[Point]:
    """Every pair of ``count`` levels of the inputs and ``count`` of all layers together.

    Parameters
    ----------
    network : Network
    scales : sequence of float
        From `deviations`.
    count : int
        At least 3.
    """
    hidden = levels(count) if len(scales) > 1 else [0.0]
    points = []
    for x, h in product(levels(count), hidden):
        parts = [x] + [h] * (len(scales) - 1)
        values = [part * scale for part, scale in zip(parts, scales, strict=True)]
        points.append(snapped(network, values))
    return list(dict.fromkeys(points))


def neighbours(
    network: Network, scales: Sequence[float], front: Sequence[Point], count: int, turn: int
) -> list[Point]:
    """Points around ``front``, nearer with every turn: each threshold raised and lowered.

    Parameters
    ----------
    network : Network
    scales : sequence of float
        From `deviations`.
    front : sequence of Point
    count : int
        Levels of the grid.
    turn : int
        From 1; the step is the grid's to the power of ``2**-turn``.
    """
    step = (HIGHEST / LOWEST) ** (1 / (count - 2) / 2**turn)
    places = range(len(scales))
    groups = [[place] for place in places]
    if len(scales) > PER_LAYER:
        groups = [[0], list(places[1:])]
    found = []
    for point in front:
        values = reals(network, point)
        for group in groups:
            for factor in (step, 1 / step):
                moved = list(values)
                for place in group:
                    moved[place] = values[place] * factor or scales[place] * LOWEST / 2**turn
                found.append(snapped(network, moved))
    return list(dict.fromkeys(found))


def pareto(costs: Sequence[tuple[float, float]]) -> list[int]:
    """Places of the pairs that no other beats in both; by rising first, then falling second."""
    front: list[int] = []
    for place in sorted(range(len(costs)), key=lambda place: costs[place]):
        if not front or costs[place][1] < costs[front[-1]][1]:
            front.append(place)
    return front
