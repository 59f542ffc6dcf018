"""Would encoders that rest after they have sent fetch fewer weights at the same error?

``python -m bench.training.refractory TASK [--fold 0] [--seed 1] [--data DIR]`` runs the delta
network of an exam's pair on the validation of its fold, in integers, with encoders that send a
value when it has moved by its threshold, but not again within so many steps. A pair that is not
trained yet is trained first. Results: docs/results/refractory-TASK.json.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from thresh.model.network import Network
from thresh.sim.golden import GoldenModel
from thresh.sim.golden_runs import total_work
from thresh.training.tasks.integers import in_integers
from thresh.training.tasks.room import Room, scaled
from thresh.training.tasks.techniques import pair
from thresh.training.trainer.net import Net
from thresh.training.trainer.task import Task

from . import one_pair
from .experiment import golden_outputs, golden_runs

RESTS = ((0, 0), (1, 0), (0, 1), (1, 1), (0, 2))
"""Steps for which encoders of inputs and of states rest."""

SCALES = (0.7, 0.84, 1.0)
"""Parts of the thresholds that the network was trained with."""


class Resting(GoldenModel):
    """A golden model whose encoders rest for ``rest_x`` and ``rest_h`` steps after sending."""

    def __init__(self, network: Network, batch: int, *, rest_x: int, rest_h: int) -> None:
        self.rests = (rest_x, *[rest_h] * len(network.layers))
        super().__init__(network, batch)

    def new_sequence(self) -> None:
        """Every encoder may send."""
        super().new_sequence()
        sizes = (self.network.inputs, *(layer.units for layer in self.network.layers))
        self._left = [np.zeros((self.batch, size), np.int64) for size in sizes]

    def _encode(
        self, number: int, values: np.ndarray, reference: np.ndarray, threshold: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Nothing of values that rest."""
        delta, clipped = super()._encode(number, values, reference, threshold)
        left = self._left[number]
        delta = np.where(left > 0, 0, delta)
        clipped = clipped & (left == 0)
        rest = self.rests[number]
        self._left[number] = np.where(delta != 0, rest, np.maximum(left - 1, 0))
        return delta, clipped


def row(network: Network, exact: Net, task: Task, rests: tuple[int, int]) -> dict[str, Any]:
    """Error and work on validation."""
    items = task.items("validation")
    make = partial(Resting, rest_x=rests[0], rest_h=rests[1])
    runs = golden_runs(network, exact, items, make)
    score = task.score(golden_outputs(network, runs), [item.target for item in items])
    work = total_work(network, runs)
    return {
        "rest_x": rests[0], "rest_h": rests[1],
        "error": score.error, "reduction": work.reduction,
        "fired_x": sum(int(run.fired_x.sum()) for run in runs) / work.frames,
        "fired_h": sum(int(run.fired_h.sum()) for run in runs) / work.frames,
    }  # fmt: skip


def measure(task: Task, fold: int | None, seed: int, folder: Path) -> list[dict[str, Any]]:
    """Rows of every scale and rest."""
    stages, rows = pair(task), []
    _, delta = Room(lambda fold: task, stages, (), folder, one_pair.told).trained(task, fold, seed)
    for scale in SCALES:
        network, exact = in_integers(scaled(delta, stages[-1], scale), task)
        for rests in RESTS:
            rows.append({"scale": scale} | row(network, exact, task, rests))
            print(rows[-1], flush=True)
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one task."""
    one_pair.run(__doc__, "bench.training.refractory", "refractory", measure, arguments)


if __name__ == "__main__":
    main()
