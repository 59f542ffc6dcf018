"""Why a network does not get sparse: its numbers beside those of the plain one, and four causes."""

from dataclasses import asdict, dataclass
from typing import Any

from .net import Net
from .scoring import evaluate
from .task import Task

MOST = 200
"""Training sequences on which the training error is measured."""

WORSE = 1.1
"""Validation error over the plain network's from which on a delta network is worse."""

BY_HEART = 0.25
"""Training error over validation error below which a plain network knows its sequences by heart."""

CAUSES = {
    "inputs": "Inputs bind: most of what is fetched is fetched for them. Raise threshold_x, make "
    "them slower (a low-pass, longer frames) or fewer, and scale each to the same deviation.",
    "states": "States bind: most of what is fetched is fetched for them. Raise threshold_h, let "
    "training pay more for their changes (activity), or have units remember longer (chrono).",
    "underfits": "The delta network has not learned its training sequences as the plain one has: "
    "give it more epochs (delta), smaller batches (batch), lower thresholds, or some that rise "
    "more slowly (rise).",
    "by heart": "The plain network knows its training sequences by heart, so that nothing is left "
    "to learn with thresholds: more sequences, dropout, or fewer units.",
}
"""What is to be done, by cause."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A network in numbers.

    Parameters
    ----------
    train_error, validation_error : float
        In the task's unit.
    fired_x, fired_h : float
        Inputs and states that fire in a step of the validation, in the mean.
    inputs, states : int
        As many as there are.
    share_x : float
        Of the weights fetched, those that inputs fetch.
    reduction : float
        Weights of all columns over those fetched.
    """

    train_error: float
    validation_error: float
    fired_x: float
    fired_h: float
    inputs: int
    states: int
    share_x: float
    reduction: float

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def look(net: Net, task: Task) -> Finding:
    """The numbers of a trained network on its own sequences."""
    items = task.items("train")
    some = items[:: -(-len(items) // MOST)]
    validation = evaluate(net, task, task.items("validation"))
    work, units = validation.work, net.gru.hidden_size
    return Finding(
        train_error=evaluate(net, task, some).score.error,
        validation_error=validation.score.error,
        fired_x=work.fired_x,
        fired_h=work.fired_h,
        inputs=net.gru.input_size,
        states=units * net.gru.num_layers,
        share_x=work.entries_x * 3 * units / max(work.delta, 1),
        reduction=work.reduction,
    )


def causes(plain: Finding, delta: Finding) -> list[str]:
    """Names in `CAUSES`, the one that binds first.

    Parameters
    ----------
    plain, delta : Finding
        Of the network without thresholds, and with them.
    """
    found = ["inputs" if delta.share_x >= 0.5 else "states"]
    lost = delta.validation_error - plain.validation_error
    if delta.validation_error > WORSE * plain.validation_error:
        if delta.train_error - plain.train_error >= lost / 2:
            found.append("underfits")
        if plain.train_error < BY_HEART * plain.validation_error:
            found.append("by heart")
    return found
