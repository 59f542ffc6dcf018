"""Training a task's network with one technique, resumable at every epoch."""

import copy
import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from thresh.training.digits.classifier import Work
from thresh.training.digits.stages import keep, refuse_non_finite
from thresh.training.sequences import Item, in_order, shuffled
from thresh.training.techniques import disturb, fetch_cost, l1_cost, straighten
from thresh.training.weight_sparsity import smallest_per_column

from .task import Score, Task
from .task_net import TaskNet

LANES = 8
"""Lanes of the gateware that pruned columns are balanced for."""

Report = Callable[[int, float], None]
"""Called after every epoch with its number, from 0, and its mean loss."""


def unheard(epoch: int, loss: float) -> None:
    """A report that nobody reads."""


@dataclass(frozen=True, kw_only=True)
class Technique:
    """How a network is trained.

    Parameters
    ----------
    name : str
    threshold_x, threshold_h : float
        While it is trained.
    activity : float
        Weight of the mean absolute change of inputs and states, per step and value.
    sparsity : float
        Share of the weights that are zero in the end; they vanish during the first half.
    straight : bool
        What is sent has the gradient of the value, see `thresh.training.layers.delta.Encoder`.
    rounding, noise : tuple of float
        Step to which inputs and states are rounded, and deviation of noise added to them.
    anneal : bool
        Thresholds rise from zero over the first half.
    learned : bool
        Every neuron has a threshold of its own, which is learned.
    fetches : float
        Weight of the share of weights that are fetched, which raises learned thresholds.
    epochs : int or None
        Of training; the task's when None.
    """

    name: str
    threshold_x: float = 0.0
    threshold_h: float = 0.0
    activity: float = 0.0
    sparsity: float = 0.0
    straight: bool = False
    rounding: tuple[float, float] = (0.0, 0.0)
    noise: tuple[float, float] = (0.0, 0.0)
    anneal: bool = False
    learned: bool = False
    fetches: float = 0.0
    epochs: int | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A network on a split."""

    score: Score
    work: Work


def make_net(task: Task) -> TaskNet:
    """The task's network with fresh weights."""
    return TaskNet(
        task.inputs, task.units, task.outputs, layers=task.layers, front=task.front()
    )  # fmt: skip


def evaluate(net: TaskNet, task: Task, items: list[Item], size: int = 256) -> Outcome:
    """Score and work of the network as it is set."""
    outputs: list[Any] = [None] * len(items)
    work = Work(delta=0, dense=0, entries_x=0, entries_h=0, steps=0)
    with torch.no_grad():
        for places, batch in in_order(items, size):
            run = net(batch.x)
            work += net.work(run, batch.valid)
            for place, row, length in zip(places, run.outputs, batch.lengths, strict=True):
                outputs[place] = row[:length].numpy().astype(np.float32)
    return Outcome(score=task.score(outputs, [item.target for item in items]), work=work)


def prune(net: TaskNet, share: float) -> None:
    """Set the smallest ``share`` of every column of every layer to zero, balanced for `LANES`."""
    with torch.no_grad():
        for pair in net.weights:
            for weight in pair:
                weight[smallest_per_column(weight, share, LANES)] = 0


def pretrain(task: Task, *, seed: int, checkpoint: Path, report: Report = unheard) -> TaskNet:
    """The plain network that techniques start from; sets the task's sequences to its own."""
    torch.manual_seed(seed)
    net = make_net(task)
    train(
        net, task, Technique(name="pretrained"), task.pretraining, first=task.first, seed=seed,
        checkpoint=checkpoint, report=report,
    )  # fmt: skip
    task.pretrained(net)
    return net


def refine(
    start: TaskNet, task: Task, technique: Technique, *, seed: int, checkpoint: Path,
    report: Report = unheard,
) -> TaskNet:  # fmt: skip
    """A copy of ``start`` after a technique."""
    net = copy.deepcopy(start)
    if technique.learned:
        net.set_thresholds(technique.threshold_x, technique.threshold_h)
        net.gru.learn_thresholds(per_neuron=True)
    epochs = task.training if technique.epochs is None else technique.epochs
    train(
        net, task, technique, epochs, seed=seed, rate=task.then_rate, checkpoint=checkpoint,
        report=report,
    )  # fmt: skip
    if technique.learned:
        net.gru.fix_thresholds()
    return net


def train(
    net: TaskNet,
    task: Task,
    technique: Technique,
    epochs: int,
    *,
    seed: int,
    checkpoint: Path,
    first: int = 0,
    rate: float | None = None,
    report: Report = unheard,
) -> None:
    """Train ``net``, or load what a training of the same start and settings has left.

    Every random draw follows from the seed, the technique and the epoch. The learning rate rises to
    ``rate``, or else to the task's, and falls.

    Raises
    ------
    NonFiniteGradient
        Naming the parameter and the step.
    """
    highest = task.rate if rate is None else rate
    identity = _identity(net, task, technique, epochs, seed, highest)
    optimiser = torch.optim.AdamW(net.parameters(), lr=highest, weight_decay=1e-3)
    done = _resume(checkpoint, identity, net, optimiser)
    net.train()
    disturb(
        net, noise_x=technique.noise[0], noise_h=technique.noise[1],
        rounding_x=technique.rounding[0], rounding_h=technique.rounding[1],
    )  # fmt: skip
    straighten(net, technique.straight)
    for epoch in range(done, epochs):
        draw = np.random.default_rng([seed, epoch, *technique.name.encode()])
        torch.manual_seed(int(draw.integers(1 << 30)))
        items = task.epoch(draw)
        count = -(-len(items) // task.size)
        total = 0.0
        for number, batch in enumerate(shuffled(items, task.size, draw)):
            share = (epoch + number / count) / epochs
            early = min(2 * share, 1.0)
            rise = early if technique.anneal else 1.0
            if not technique.learned:
                net.set_thresholds(rise * technique.threshold_x, rise * technique.threshold_h)
            for group in optimiser.param_groups:
                group["lr"] = _rate(highest, share, 0.02 if epochs > 1 else 0.0)
            run = net(batch.x)
            objective = task.first_loss if epoch < first else task.loss
            loss = objective(run.outputs, batch.lengths, batch.targets)
            total += loss.item() / count
            if technique.activity:
                loss = loss + technique.activity * l1_cost(run.trace, batch.valid)
            if technique.fetches:
                cost = fetch_cost(net.gru, run.trace, batch.valid)
                loss = loss + technique.fetches * cost
            optimiser.zero_grad()
            loss.backward()
            refuse_non_finite(net, epoch * count + number)
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            if technique.sparsity:
                prune(net, technique.sparsity * early)
        content = {"identity": identity, "epochs": epoch + 1, "net": net.state_dict()}
        keep(checkpoint, content | {"optimiser": optimiser.state_dict()})
        report(epoch, total)
    net.eval()
    if not technique.learned:
        net.set_thresholds(technique.threshold_x, technique.threshold_h)


def _rate(highest: float, share: float, rise: float) -> float:
    """Learning rate: a linear rise, then a cosine to a fiftieth."""
    if share < rise:
        return highest * (0.1 + 0.9 * share / rise)
    return highest * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))


def _identity(
    net: TaskNet, task: Task, technique: Technique, epochs: int, seed: int, rate: float
) -> str:
    """Digest of everything that a training depends on, except the recordings."""
    settings = [task.name, task.size, rate, task.first]
    text = json.dumps([settings, asdict(technique), epochs, seed], sort_keys=True)
    state = hashlib.sha256(text.encode())
    for name, value in net.state_dict().items():
        state.update(name.encode() + value.numpy().tobytes())
    return state.hexdigest()


def _resume(path: Path, identity: str, net: TaskNet, optimiser: torch.optim.Optimizer) -> int:
    if not path.exists():
        return 0
    saved = torch.load(path, weights_only=True)
    if saved["identity"] != identity:
        return 0
    net.load_state_dict(saved["net"])
    optimiser.load_state_dict(saved["optimiser"])
    return saved["epochs"]
