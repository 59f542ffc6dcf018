"""The loop: every training of every task, resumable at every epoch."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .batches import Padded, pad
from .checkpoint import Progress, identity, keep, resume
from .chrono import remember
from .costs import change_cost, fetch_cost, l1_cost
from .distillation import Teacher
from .net import Net, Run
from .rates import RATES
from .scoring import Outcome, evaluate
from .stage import Stage
from .switches import optimiser_groups, ramp
from .task import Task
from .weight_sparsity import WeightSparsity

LANES = 8
"""Lanes of the gateware that pruned columns are balanced for."""

EARLY = 0.5
"""Share of a training in which weights vanish."""

Report = Callable[[int, float, Outcome | None], None]
"""Called after every epoch with its number, from 0, its mean loss, and, where the stage looks at
validation, what came of it there."""


class NonFiniteGradient(ValueError):
    """A gradient that is infinite or not a number."""


def unheard(epoch: int, loss: float, outcome: Outcome | None) -> None:
    """A report that nobody reads."""


def refuse_non_finite(model: nn.Module, step: int) -> None:
    """Stop when a gradient is not finite.

    Raises
    ------
    NonFiniteGradient
        Naming the layer's parameter and the training step.
    """
    for name, parameter in model.named_parameters():
        if parameter.grad is not None and not parameter.grad.isfinite().all():
            raise NonFiniteGradient(
                f"The gradient of {name} is not finite at training step {step}: lower the "
                f"learning rate or the thresholds"
            )


def train(
    net: Net,
    task: Task,
    stage: Stage,
    *,
    seed: int,
    checkpoint: Path | None = None,
    report: Report = unheard,
    teacher: Net | None = None,
) -> None:
    """Train ``net``, or load what a training of the same start, task and settings has left.

    Every random draw follows from the seed, the stage and the epoch.

    Parameters
    ----------
    net : Net
        Left in evaluation, with the stage's thresholds, or those that it has learned as fixed ones.
    task : Task
    stage : Stage
    seed : int
    checkpoint : Path, optional
        Written after every epoch.
    report : callable
    teacher : Net, optional
        Whose posteriors it follows where the stage distils; its own before the stage when absent.

    Raises
    ------
    NonFiniteGradient
        Naming the parameter and the step.
    ValueError
        When the checkpoint is no checkpoint.
    """
    stage.prepare(net)
    if stage.chrono:
        remember(net, stage.chrono, seed)
    followed = Teacher(teacher or net, task) if stage.distil else None
    groups = optimiser_groups(net, weight_decay=stage.decay)
    optimiser = torch.optim.AdamW(groups, lr=stage.rate)
    name = identity(net, task, stage, seed, teacher if stage.distil else None)
    progress = resume(checkpoint, name, net, optimiser) if checkpoint else Progress()
    weights = [weight for pair in net.weights for weight in pair]
    zeros = WeightSparsity(weights, stage.sparsity, lanes=LANES) if stage.sparsity else None
    net.train()
    for epoch in range(progress.epochs, stage.epochs):
        if stage.patience is not None and epoch - progress.best > stage.patience:
            break
        began = time.process_time()
        loss = _epoch(net, task, stage, optimiser, zeros, followed, epoch, seed)
        outcome = None
        if stage.patience is not None:
            _at_the_end(net, stage)
            outcome = evaluate(net, task, task.items("validation"))
            _note(progress, net, outcome, epoch)
        progress.epochs = epoch + 1
        progress.seconds += time.process_time() - began
        if checkpoint:
            keep(checkpoint, name, progress, net, optimiser)
        report(epoch, loss, outcome)
    if progress.weights is not None:
        net.load_state_dict(progress.weights)
    net.eval()
    if stage.learned:
        net.gru.fix_thresholds()
    _at_the_end(net, stage)


def _at_the_end(net: Net, stage: Stage) -> None:
    """The thresholds that the stage ends with, while they rise: epochs are compared at these."""
    if not stage.learned:
        net.set_thresholds(*stage.thresholds())


def _note(progress: Progress, net: Net, outcome: Outcome, epoch: int) -> None:
    """Keep the weights of an epoch that is the best so far."""
    loss = outcome.score.error if outcome.score.loss is None else outcome.score.loss
    if loss < progress.loss:
        progress.loss, progress.best = loss, epoch
        progress.weights = {name: value.clone() for name, value in net.state_dict().items()}


def _epoch(
    net: Net, task: Task, stage: Stage, optimiser: torch.optim.Optimizer,
    zeros: WeightSparsity | None, teacher: Teacher | None, epoch: int, seed: int,
) -> float:  # fmt: skip
    """One epoch; the mean loss, without costs."""
    sequence = [seed, epoch, *(stage.draws or stage.name).encode()]
    torch.manual_seed(int(np.random.default_rng(sequence).integers(1 << 30)))
    draw = np.random.default_rng(sequence)
    groups = task.groups(stage.size or task.size, draw, stage.varied)
    objective = task.first_loss if epoch < stage.first else task.loss
    count, total = len(groups), 0.0
    for number, items in enumerate(groups):
        share = (epoch + number / count) / stage.epochs
        if not stage.learned:
            net.set_thresholds(*stage.thresholds(ramp(share, stage.rise)))
        for group in optimiser.param_groups:
            group["lr"] = stage.rate * RATES[stage.rates](epoch, number, count, stage.epochs)
        batch = pad(items)
        run = net(batch.x)
        loss = objective(run.outputs, batch.lengths, batch.targets)
        total += loss.item() / count
        loss = loss + _costs(net, stage, run, batch)
        if teacher is not None:
            loss = loss + stage.distil * teacher.cost(run.outputs, batch)
        optimiser.zero_grad()
        loss.backward()
        refuse_non_finite(net, epoch * count + number)
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        if zeros is not None:
            zeros.vanish(ramp(share, EARLY))
    return total


def _costs(net: Net, stage: Stage, run: Run, batch: Padded) -> Tensor | float:
    """What activity costs, beside the task's loss."""
    cost: Tensor | float = 0.0
    if stage.activity:
        cost = cost + stage.activity * l1_cost(run.trace, batch.valid)
    if stage.activity_h:
        cost = cost + stage.activity_h * change_cost(run.trace, batch.valid)
    if stage.fetches:
        cost = cost + stage.fetches * fetch_cost(net.gru, run.trace, batch.valid)
    return cost
