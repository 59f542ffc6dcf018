"""The plain network of a task, and what a technique makes of it."""

import copy
from pathlib import Path

import torch

from thresh.training.trainer.loop import Report, train, unheard
from thresh.training.trainer.net import Net
from thresh.training.trainer.stage import Stage
from thresh.training.trainer.task import Task

from .integers import for_integers
from .techniques import pretraining


def make_net(task: Task) -> Net:
    """The task's network with fresh weights."""
    return Net(task.inputs, task.units, task.outputs, layers=task.layers, front=task.front())


def pretrain(task: Task, *, seed: int, checkpoint: Path, report: Report = unheard) -> Net:
    """The plain network that techniques start from; sets the task's sequences to its own."""
    torch.manual_seed(seed)
    net = make_net(task)
    train(net, task, pretraining(task), seed=seed, checkpoint=checkpoint, report=report)
    task.pretrained(net)
    return net


def refine(
    start: Net, task: Task, technique: Stage, *, seed: int, checkpoint: Path,
    report: Report = unheard, teacher: Net | None = None,
) -> Net:  # fmt: skip
    """A copy of ``start`` after a technique; of a technique in integers, its numbers are these."""
    into = technique.quantised and not start.quantised
    net = for_integers(start, task) if into else copy.deepcopy(start)
    train(
        net, task, technique, seed=seed, checkpoint=checkpoint, report=report, teacher=teacher,
    )  # fmt: skip
    return net
