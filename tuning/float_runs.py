"""The float network over sequences of different lengths, and how integers differ from it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thresh.model.float_network import FloatNetwork
from thresh.model.float_run import run_float
from thresh.sim.golden_runs import GoldenRun, batches


@dataclass(frozen=True, kw_only=True)
class FloatRuns:
    """The float network on several sequences, at thresholds of zero.

    Parameters
    ----------
    runs : list of GoldenRun
        Outputs are real.
    largest : float
        Largest magnitude of an input.
    power, spread : ndarray, shape (layers + 1,)
        Mean square and standard deviation of the inputs and of each layer's outputs.
    """

    runs: list[GoldenRun]
    largest: float
    power: np.ndarray
    spread: np.ndarray


def run_floats(network: FloatNetwork, sequences: Sequence[np.ndarray]) -> FloatRuns:
    """Run ``network`` on every sequence, each of shape (frames, inputs)."""
    runs: dict[int, GoldenRun] = {}
    sums = np.zeros((3, len(network.layers) + 1))
    for places, x in batches(sequences):
        trace = run_float(network, x)
        for row, place in enumerate(places):
            frames = len(sequences[place])
            runs[place] = GoldenRun(
                outputs=trace.outputs[row, :frames],
                fired_x=trace.fired[row, :frames, 0],
                fired_h=trace.fired[row, :frames, 1:],
                saturations=0,
            )
            for column, signal in enumerate(trace.signals):
                values = signal[row, :frames]
                sums[:, column] += values.size, values.sum(), (values**2).sum()
    power = sums[2] / sums[0]
    return FloatRuns(
        runs=[runs[place] for place in range(len(sequences))],
        largest=max(float(np.abs(x).max()) for x in sequences),
        power=power,
        spread=np.sqrt(np.maximum(power - (sums[1] / sums[0]) ** 2, 0)),
    )


def counted(runs: Sequence[GoldenRun], decision: str, frac: int = 0) -> np.ndarray:
    """Real outputs that count, one below the other: of the last steps, or of all.

    Parameters
    ----------
    runs : sequence of GoldenRun
    decision : str
        As `thresh.model.network.Network.decision`.
    frac : int
        Fraction bits of the outputs.
    """
    rows = [run.outputs[-1:] if decision == "last" else run.outputs for run in runs]
    return np.concatenate(rows) / 2.0**frac


def decided(runs: Sequence[GoldenRun], decision: str) -> list[int]:
    """The class of every sequence, for ``"last"`` and ``"mean"``."""
    if decision == "last":
        return [int(run.outputs[-1].argmax()) for run in runs]
    return [int(run.outputs.sum(axis=0).argmax()) for run in runs]
