"""How many events the steps of a network have: measured once, kept with the model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from thresh.model.model_file import ACTIVITY_NOTE
from thresh.model.network import Network

from .cycles import Lists

TYPICAL = 64
"""Steps that are kept."""


@dataclass(frozen=True, kw_only=True)
class Activity:
    """Steps that stand for all steps of some recordings.

    Parameters
    ----------
    source : str
        What was run, for people.
    steps : tuple of Lists
    """

    source: str
    steps: tuple[Lists, ...]

    def to_note(self) -> dict[str, Any]:
        """As JSON."""
        steps = [[list(pair) if pair else None for pair in step] for step in self.steps]
        return {"source": self.source, "steps": steps}

    def events(self) -> float:
        """Mean events of a step, those of a hidden list counted where they are received."""
        return float(np.mean([_size(step) for step in self.steps]))


def read_note(network: Network) -> Activity | None:
    """The activity kept with ``network``, or None.

    Raises
    ------
    ValueError
        When it is not that of this network.
    """
    note = network.notes.get(ACTIVITY_NOTE)
    if note is None:
        return None
    try:
        steps = tuple(
            tuple(None if pair is None else (int(pair[0]), int(pair[1])) for pair in step)
            for step in note["steps"]
        )
        source = str(note["source"])
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ValueError(f"The model's note of its activity is damaged: {error!r}") from error
    limits = [(layer.hidden, layer.inputs) for layer in network.layers]
    for step in steps:
        fits = len(step) == len(limits) and all(
            pair is None or (0 <= pair[0] <= hidden and 0 <= pair[1] <= inputs)
            for pair, (hidden, inputs) in zip(step, limits, strict=True)
        )
        if not fits:
            raise ValueError(f"The model's note of its activity is not of its layers: {step}")
    if not steps:
        raise ValueError("The model's note of its activity holds no step")
    return Activity(source=source, steps=steps)


def measured_steps(
    network: Network, fired_x: np.ndarray, fired_h: np.ndarray, skipped: np.ndarray
) -> list[Lists]:
    """Events of every step of one sequence, from its beginning.

    Parameters
    ----------
    fired_x : ndarray of int, shape (T,)
        Input events.
    fired_h : ndarray of int, shape (T, layers)
        Events each layer sent in that step.
    skipped : ndarray of bool, shape (T, layers)
    """
    steps: list[Lists] = []
    before = np.zeros(fired_h.shape[1], np.int64)
    for now in range(len(fired_x)):
        received = [fired_x[now], *fired_h[now, :-1]]
        steps.append(
            tuple(
                None
                if skipped[now, number]
                else (int(before[number]) if layer.hidden else 0, int(received[number]))
                for number, layer in enumerate(network.layers)
            )
        )
        before = fired_h[now]
    return steps


def sent_words(fires: np.ndarray, pointwise_lanes: int) -> list[int]:
    """How many values fire of each word of ``pointwise_lanes`` units.

    Parameters
    ----------
    fires : ndarray of bool, shape (H,)
        Of a layer's new state: an event of `thresh.performance.cycles.CycleModel.step`'s ``sent``.
    pointwise_lanes : int
    """
    padded = np.append(fires, np.zeros(-len(fires) % pointwise_lanes, bool))
    return [int(count) for count in padded.reshape(-1, pointwise_lanes).sum(axis=1)]


def typical(steps: Sequence[Lists]) -> list[Lists]:
    """`TYPICAL` of ``steps``: of as many groups of like size, each the nearest to its mean."""
    ordered = sorted(steps, key=_size)
    if len(ordered) <= TYPICAL:
        return ordered
    chosen = []
    for group in range(TYPICAL):
        part = ordered[group * len(steps) // TYPICAL : (group + 1) * len(steps) // TYPICAL]
        mean = sum(map(_size, part)) / len(part)
        distances = [abs(_size(step) - mean) for step in part]
        chosen.append(part[distances.index(min(distances))])
    return chosen


def _size(step: Lists) -> int:
    """Events of a step."""
    return sum(sum(pair) for pair in step if pair)


def random_steps(network: Network, rate: float, count: int, seed: int = 1) -> list[Lists]:
    """Steps whose values fire with probability ``rate``, each by itself; skipped only at 0.

    Raises
    ------
    ValueError
        When ``rate`` is not a probability.
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"An activity must be 0 to 1, not {rate}")
    if rate == 0:
        return [tuple(None for _ in network.layers)]
    random = np.random.default_rng(seed)
    return [
        tuple(
            (int(random.binomial(layer.hidden, rate)), int(random.binomial(layer.inputs, rate)))
            for layer in network.layers
        )
        for _ in range(count)
    ]
