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
from thresh.training.tasks.integers import in_integers
from thresh.training.tasks.training import pretrain, refine
from thresh.training.trainer.batches import Item
from thresh.training.trainer.loop import Report
from thresh.training.trainer.net import Net
from thresh.training.trainer.scoring import Outcome, evaluate
from thresh.training.trainer.stage import Stage
from thresh.training.trainer.task import Task

BATCH = 256
"""Sequences that the golden model runs side by side."""

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


def golden_figures(network: Network, net: Net, task: Task, items: list[Item]) -> Figures:
    """The same of the golden model on what the front makes of ``items``.

    Fetches are those of ``thresh golden``: a column for every entry that a layer receives, and for
    every entry of its own that finds a next step. ``reduction_sparse`` leaves out weights that are
    zero, as sparse columns do: an entry counts with the mean number of others in a column.
    """
    form = QFormat(bits=network.value_bits, frac=network.layers[0].x_frac)
    outputs: list[Any] = [None] * len(items)
    entries, steps = np.zeros(len(network.layers) + 1, np.int64), 0
    received, returned = np.zeros((2, len(network.layers)), np.int64)
    order = sorted(range(len(items)), key=lambda place: len(items[place].x))
    for begin in range(0, len(order), BATCH):
        places = order[begin : begin + BATCH]
        with torch.no_grad():
            fronts = [net.front(torch.from_numpy(items[place].x)).numpy() for place in places]
        x = np.zeros((len(places), len(fronts[-1]), network.inputs), np.int64)
        for row, front in zip(x, fronts, strict=True):
            row[: len(front)] = form.quantise(front)
        trace = GoldenModel(network, len(places)).run(x)
        for row, (place, front) in enumerate(zip(places, fronts, strict=True)):
            count = len(front)
            sent_x, sent_h = trace.fired_x[row, :count], trace.fired_h[row, :count]
            received += np.array([sent_x.sum(), *sent_h.sum(axis=0)[:-1]])
            returned += sent_h[:-1].sum(axis=0)
            entries += [sent_x.sum(), *sent_h.sum(axis=0)]
            steps += count
            real = trace.outputs[row, :count] / 2.0 ** network.layers[-1].h_frac
            outputs[place] = real.astype(np.float32)
    score = task.score(outputs, [item.target for item in items])

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
