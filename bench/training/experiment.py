"""Trainings and scores of one task, each kept on disk as soon as it is known."""

import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from thresh.model.files import write_atomically
from thresh.model.network import Network
from thresh.model.qformat import QFormat
from thresh.sim.golden import GoldenModel
from thresh.sim.golden_runs import GoldenRun, run_golden
from thresh.training.tasks.integers import in_integers
from thresh.training.tasks.training import pretrain, refine
from thresh.training.trainer.batches import Item
from thresh.training.trainer.loop import Report
from thresh.training.trainer.net import Net
from thresh.training.trainer.scoring import Outcome, evaluate
from thresh.training.trainer.stage import Stage
from thresh.training.trainer.task import Task

Figures = dict[str, Any]


def start_file(seed: int) -> str:
    """Checkpoint of the plain network of a seed."""
    return f"pretrained-{seed}.pt"


def technique_file(technique: Stage, seed: int) -> str:
    """Checkpoint of a technique of a seed."""
    name = hashlib.sha256(technique.name.encode()).hexdigest()[:8]
    return f"{name}-{seed}.pt"


class Experiment:
    """A task, and the folder that keeps what was trained and measured."""

    def __init__(self, task: Task, folder: Path) -> None:
        self.task, self.folder = task, folder
        self.path = folder / "scores.json"
        self.scores = json.loads(self.path.read_text()) if self.path.exists() else {}

    def start(self, seed: int) -> Net:
        """The plain network that techniques start from; sets the task's sequences to its own."""
        return pretrain(
            self.task, seed=seed, checkpoint=self.folder / start_file(seed),
            report=self._reporter("plain net", seed),
        )  # fmt: skip

    def trained(self, start: Net, technique: Stage, seed: int) -> Net:
        """``start`` after a technique."""
        return refine(
            start, self.task, technique, seed=seed,
            checkpoint=self.folder / technique_file(technique, seed),
            report=self._reporter(technique.name, seed),
        )  # fmt: skip

    def _reporter(self, name: str, seed: int) -> Report:
        def report(epoch: int, loss: float, outcome: Outcome | None) -> None:
            print(f"{self.task.name}, seed {seed}, {name}, epoch {epoch + 1}: {loss:.4f}",
                  flush=True)  # fmt: skip

        return report

    def at(self, net: Net, base: tuple[float, float] | None, scale: float) -> Net:
        """A copy with thresholds that are ``scale`` times ``base``, or times its own."""
        scaled = copy.deepcopy(net)
        if base is None:
            scaled.scale_thresholds(scale)
        else:
            scaled.set_thresholds(scale * base[0], scale * base[1])
        return scaled

    def score(self, net: Net, split: str) -> Figures:
        """Error, reduction and other figures."""
        state = hashlib.sha256(f"{split} {_levels(net)}".encode())
        for value in net.state_dict().values():
            state.update(value.numpy().tobytes())
        return self._known(
            state.hexdigest(), lambda: figures_of(net, self.task, self.task.items(split))
        )

    def integers(self, net: Net, split: str) -> tuple[Network, Figures]:
        """The network in integers, and its golden model's figures."""
        task = self.task
        network, _ = in_integers(net, task)
        state = hashlib.sha256(f"golden {split}".encode())
        for layer in network.layers:
            for array in (layer.weight_x, layer.weight_h, layer.bias):
                state.update(array.tobytes())
            state.update(f"{layer.threshold_x} {layer.threshold_h}".encode())
        found = self._known(
            state.hexdigest(), lambda: golden_figures(network, net, task, task.items(split))
        )
        return network, found

    def _known(self, key: str, measure: Callable[[], Figures]) -> Figures:
        """A score that is kept, or measured and kept now."""
        if key not in self.scores:
            self.scores[key] = measure()
            write_atomically(self.path, json.dumps(self.scores))
        return self.scores[key]


def _levels(net: Net) -> list[Any]:
    """Every threshold, as numbers."""
    level = net.gru.threshold_h
    each = (net.gru.threshold_x, *(level if isinstance(level, tuple) else (level,)))
    return [torch.as_tensor(one).tolist() for one in each]


def figures_of(net: Net, task: Task, items: list[Item]) -> Figures:
    """Error, reduction and other figures of a network as it is set."""
    outcome = evaluate(net, task, items)
    return {
        "error": outcome.score.error,
        "reduction": outcome.work.reduction,
        "reduction_sparse": outcome.work.reduction_sparse,
        "fired_x": outcome.work.fired_x,
        "fired_h": outcome.work.fired_h,
        **outcome.score.more,
    }


def golden_runs(
    network: Network, net: Net, items: list[Item],
    make: Callable[[Network, int], GoldenModel] = GoldenModel,
) -> list[GoldenRun]:  # fmt: skip
    """The golden model, or what ``make`` makes, on what the front of ``net`` makes of ``items``."""
    form = QFormat(bits=network.value_bits, frac=network.layers[0].x_frac)
    with torch.no_grad():
        fronts = [net.front(torch.from_numpy(item.x)).numpy() for item in items]
    return run_golden(network, [form.quantise(front) for front in fronts], make=make)


def golden_outputs(network: Network, runs: list[GoldenRun]) -> list[np.ndarray]:
    """What the runs put out, as a task scores it."""
    unit = 2.0 ** network.layers[-1].h_frac
    return [(run.outputs / unit).astype(np.float32) for run in runs]


def golden_figures(network: Network, net: Net, task: Task, items: list[Item]) -> Figures:
    """The same of the golden model on what the front makes of ``items``.

    Fetches are those of ``thresh golden``: a column for every entry that a layer receives, and for
    every entry of its own that finds a next step. ``reduction_sparse`` leaves out weights that are
    zero, as sparse columns do: an entry counts with the mean number of others in a column.
    """
    runs = golden_runs(network, net, items)
    steps = sum(run.frames for run in runs)
    entries = sum(np.array([run.fired_x.sum(), *run.fired_h.sum(axis=0)]) for run in runs)
    received, returned = entries[:-1], sum(run.fired_h[:-1].sum(axis=0) for run in runs)
    score = task.score(golden_outputs(network, runs), [item.target for item in items])

    def reduction(count: Callable[[np.ndarray], int]) -> float:
        fetched = sum(
            count(weight) / max(weight.shape[2], 1) * entry
            for layer, *pair in zip(network.layers, received, returned, strict=True)
            for weight, entry in zip((layer.weight_x, layer.weight_h), pair, strict=True)
        )
        return steps * network.weights / max(float(fetched), 1.0)

    return {
        "error": score.error,
        "reduction": reduction(np.size),
        "reduction_sparse": reduction(np.count_nonzero),
        "fired_x": int(entries[0]) / steps,
        "fired_h": int(entries[1:].sum()) / steps,
        **score.more,
    }
