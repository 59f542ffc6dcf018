"""The activity of a network on recorded sequences, and a network that keeps it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from thresh.model.model_file import ACTIVITY_NOTE
from thresh.model.network import Network
from thresh.performance.activity import Activity, measured_steps, typical
from thresh.performance.cycles import Lists
from thresh.sim.golden_runs import run_golden


def measure_activity(network: Network, sequences: Sequence[np.ndarray], source: str) -> Activity:
    """Events of every step of the golden model.

    Parameters
    ----------
    network : Network
    sequences : sequence of ndarray of int, shape (frames, inputs)
    source : str
        What they are, for people.
    """
    steps: list[Lists] = []
    for run in run_golden(network, sequences):
        assert run.skipped is not None
        steps += measured_steps(network, run.fired_x, run.fired_h, run.skipped)
    return Activity(source=source, steps=tuple(steps))


def with_activity(network: Network, activity: Activity) -> Network:
    """``network`` with typical steps of ``activity`` among its notes."""
    kept = Activity(source=activity.source, steps=tuple(typical(activity.steps)))
    return replace(network, notes=network.notes | {ACTIVITY_NOTE: kept.to_note()})
