"""Training in stages: early stopping on validation, checkpoints, finite gradients."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from .batches import Corpus
from .classifier import Classifier, Work, decide


class NonFiniteGradient(ValueError):
    """A gradient that is infinite or not a number."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage of training.

    Parameters
    ----------
    name : str
    epochs : int
        Most epochs.
    rate : float
        Highest learning rate; it falls to a fiftieth along a cosine.
    threshold_x, threshold_h : float
    quantised : bool
    patience : int
        Epochs without a better validation loss before stopping.
    activity : float
        Weight of the mean absolute change of state per step, added to the loss.
    """

    name: str
    epochs: int
    rate: float
    threshold_x: float = 0.0
    threshold_h: float = 0.0
    quantised: bool = False
    patience: int = 1000
    activity: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Score:
    """Result on a split: cross entropy, share heard correctly, work."""

    loss: float
    accuracy: float
    work: Work


def apply_stage(model: Classifier, stage: Stage) -> None:
    """Set the model's thresholds and arithmetic."""
    model.set_thresholds(stage.threshold_x, stage.threshold_h)
    model.set_quantised(stage.quantised)


def evaluate(model: Classifier, corpus: Corpus, decision: str) -> Score:
    """Score of the model as it is set."""
    losses, right, work = 0.0, 0, Work(delta=0, dense=0, entries_x=0, entries_h=0, steps=0)
    with torch.no_grad():
        for batch in corpus.in_order():
            logits, trace = model(batch.x.to(model.linear.weight.dtype))
            scores = decide(logits, batch.lengths, decision)
            losses += float(nn.functional.cross_entropy(scores, batch.digits, reduction="sum"))
            right += int((scores.argmax(1) == batch.digits).sum())
            work += model.work(trace, batch.valid)
    return Score(loss=losses / len(corpus), accuracy=right / len(corpus), work=work)


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
    model: Classifier,
    corpus: Corpus,
    validation: Corpus,
    stage: Stage,
    *,
    decision: str,
    seed: int,
    checkpoint: Path | None = None,
    origin: str = "",
    report: Callable[[int, float, Score], None] = lambda epoch, loss, score: None,
    size: int = 64,
    longest: int = 90,
) -> Score:
    """Train one stage and leave the epoch of the lowest validation loss in ``model``.

    Parameters
    ----------
    model : Classifier
    corpus, validation : Corpus
    stage : Stage
    decision : str
        As for `thresh.training.digits.classifier.decide`.
    seed : int
        Every random draw follows from it, the stage and the epoch.
    checkpoint : Path, optional
        Saved after every epoch, and resumed from when its stage, corpora and origin are the same.
    origin : str
        What else the result depends on: how the model came to its first weights.
    report : callable
        Called after each epoch with its number, training loss and validation score.
    size, longest : int
        Sequences in a batch, and steps kept of each.
    """
    apply_stage(model, stage)
    dtype = model.linear.weight.dtype
    optimiser = torch.optim.AdamW(model.parameters(), lr=stage.rate, weight_decay=0.01)
    state: dict[str, Any] = {"epoch": 0, "best": math.inf, "weights": None}
    identity = {
        "stage": asdict(stage),
        "origin": origin,
        "corpora": (corpus.digest, validation.digest),
        "batches": (decision, seed, size, longest),
    }
    if checkpoint and checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        if saved["identity"] == identity:
            state = saved["state"]
            model.load_state_dict(saved["model"])
            optimiser.load_state_dict(saved["optimiser"])
    batches = -(-len(corpus) // size)
    for epoch in range(state["epoch"], stage.epochs):
        if epoch - state.get("best_epoch", epoch) > stage.patience:
            break
        draw = np.random.default_rng([seed, epoch, *stage.name.encode()])
        total = 0.0
        for number, batch in enumerate(corpus.shuffled(size, longest, draw)):
            step = epoch * batches + number
            rate = _rate(stage.rate, step, stage.epochs * batches)
            for group in optimiser.param_groups:
                group["lr"] = rate
            logits, trace = model(batch.x.to(dtype))
            scores = decide(logits, batch.lengths, decision)
            loss = nn.functional.cross_entropy(scores, batch.digits, label_smoothing=0.05)
            total += loss.item() / batches
            if stage.activity:
                change = (trace.h[:, 1:] - trace.h[:, :-1]).abs().mean(2)
                valid = batch.valid[:, 1:]
                loss = loss + stage.activity * (change * valid).sum() / valid.sum()
            optimiser.zero_grad()
            loss.backward()
            refuse_non_finite(model, step)
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        score = evaluate(model, validation, decision)
        if score.loss < state["best"]:
            weights = {name: value.clone() for name, value in model.state_dict().items()}
            state |= {"best": score.loss, "best_epoch": epoch, "weights": weights}
        state["epoch"] = epoch + 1
        if checkpoint:
            content = {"identity": identity, "state": state, "model": model.state_dict()}
            keep(checkpoint, content | {"optimiser": optimiser.state_dict()})
        report(epoch, total, score)
    model.load_state_dict(state["weights"])
    return evaluate(model, validation, decision)


def _rate(highest: float, step: int, steps: int) -> float:
    """Learning rate: 2 % linear rise, then a cosine to a fiftieth."""
    rise = max(steps // 50, 1)
    if step < rise:
        return highest * (step + 1) / rise
    share = (step - rise) / max(steps - rise, 1)
    return highest * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))


def keep(path: Path, content: dict[str, Any]) -> None:
    """Write a checkpoint, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(content, partial)
    partial.replace(path)
