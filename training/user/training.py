"""Training on a user's own data: plain, then with thresholds, then in integers."""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from thresh.model.network import Network
from thresh.model.qformat import QFormat
from thresh.training.layers.export import fit_formats
from thresh.training.trainer.classification import Classification
from thresh.training.trainer.corpus import Corpus
from thresh.training.trainer.export import to_network
from thresh.training.trainer.findings import Finding, look
from thresh.training.trainer.loop import train
from thresh.training.trainer.net import Net
from thresh.training.trainer.scoring import Outcome, evaluate
from thresh.training.trainer.stage import Stage

from .data import UserData
from .settings import Settings

Report = Callable[[str, int, int, str], None]
"""Called after every epoch with stage, epochs done, the most, and what is to be said."""


class OwnData(Classification):
    """A user's data as a task.

    Parameters
    ----------
    data : UserData
    settings : Settings
    """

    def __init__(self, data: UserData, settings: Settings) -> None:
        self.name, self.classes = data.name, data.classes
        self.decision, self.size = settings.decision, settings.batch
        self.longest = settings.longest or max(map(len, data.sequences))
        self.corpora = {
            part: Corpus([[data.sequences[n]] for n in places], data.labels[places], data.frac)
            for part, places in data.parts.items()
            if places
        }


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What came of a training.

    Parameters
    ----------
    network : Network
    net : Net
        Equal to the network in every integer.
    part : str
        The part of the data that ``scores`` are of: the test, or the validation without one.
    outcomes : dict of Outcome
        By stage.
    findings : dict of Finding
        By stage.
    """

    network: Network
    net: Net
    part: str
    outcomes: dict[str, Outcome]
    findings: dict[str, Finding]


def stages(settings: Settings, deviation: float, largest: float = math.inf) -> tuple[Stage, ...]:
    """Plain, with thresholds, in integers.

    Parameters
    ----------
    settings : Settings
    deviation : float
        Of the inputs, in which ``threshold_x`` is given.
    largest : float
        Threshold of the inputs that their format can hold; no change of theirs is above it.
    """
    common = {
        "patience": settings.patience, "rates": "step", "decay": 0.01, "dropout": settings.dropout,
    }  # fmt: skip
    delta = common | {
        "threshold_x": min(settings.threshold_x * deviation, largest),
        "threshold_h": settings.threshold_h,
        "activity_h": settings.activity,
        "straight": settings.straight,
    }
    plain = common | {"chrono": settings.chrono}
    h = settings.threshold_h
    least = min(h) if isinstance(h, tuple) else h
    noise = (settings.noise * delta["threshold_x"], settings.noise * least)
    first = delta | {"rise": settings.rise, "distil": settings.distil, "noise": noise}
    last = delta | {"rate": settings.quantised_rate, "quantised": True}
    return (
        Stage(name="plain", epochs=settings.plain, rate=settings.rate, **plain),
        Stage(name="delta", epochs=settings.delta, rate=settings.delta_rate, **first),
        Stage(name="quantised", epochs=settings.quantised, **last),
    )


def train_user_network(
    data: UserData,
    settings: Settings,
    folder: Path,
    report: Report = lambda stage, done, most, text: None,
    task: Classification | None = None,
) -> Trained:
    """Train every stage, on one thread, so that the same seed gives the same network.

    Parameters
    ----------
    data : UserData
    settings : Settings
    folder : Path
        Keeps one checkpoint per stage, written after every epoch, from which an interrupted
        training goes on when data and settings are the same.
    report : callable
    task : Classification, optional
        Made of the data; their classes, one per sequence, when absent.
    """
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)
    inputs = data.sequences[0].shape[1]
    net = Net(inputs, settings.units, len(data.classes), layers=settings.layers)
    task = task or OwnData(data, settings)
    part = "test" if "test" in task.corpora else "validation"
    outcomes, findings = {}, {}
    largest = QFormat(bits=16, frac=data.frac).highest / 2.0**data.frac
    for stage in stages(settings, data.deviation, largest):
        if stage.quantised:
            task.before_integers(net)
            fit_formats((net.gru, net.linear), data.frac, weight_bits=settings.bits)

        def told(epoch: int, loss: float, outcome: Outcome | None, stage: Stage = stage) -> None:
            text = f"loss {loss:.3f}"
            if outcome is not None:
                score, work = outcome.score, outcome.work
                text += (
                    f", validation {score.loss:.3f}, {score.more['accuracy']:.1f}% right, "
                    f"{work.reduction:.1f}x"
                )
            report(stage.name, epoch + 1, stage.epochs, text)

        train(
            net, task, stage, seed=settings.seed, checkpoint=folder / f"{stage.name}.pt",
            report=told,
        )  # fmt: skip
        if (then := {"plain": task.pretrained, "delta": task.refined}.get(stage.name)) is not None:
            then(net)
        outcomes[stage.name] = evaluate(net, task, task.items(part))
        findings[stage.name] = look(net, task)
    return Trained(
        network=_network(net, data, settings, task.decision), net=net, part=part, outcomes=outcomes,
        findings=findings,
    )  # fmt: skip


def training_folder(base: Path, data: UserData, settings: Settings) -> Path:
    """Where the checkpoints of this data and these settings are kept."""
    text = f"{_origin(settings)} {data.split} {data.classes}"
    return base / hashlib.sha256(text.encode()).hexdigest()[:16]


def _origin(settings: Settings) -> str:
    return settings.model_dump_json(exclude={"data", "name"})


def _network(net: Net, data: UserData, settings: Settings, decision: str) -> Network:
    """The trained network, its inputs in the user's unit."""
    network = to_network(
        net,
        name=data.name,
        classes=data.classes,
        decision=decision,
        front_end=data.front_end,
        notes={
            "split": data.split,
            "settings": settings.model_dump(mode="json", exclude={"data", "name"}),
            "seed": settings.seed,
        },
    )
    first = network.layers[0]
    moved = replace(
        first,
        x_frac=data.x_frac,
        weight_x_frac=first.weight_x_frac + first.x_frac - data.x_frac,
    )
    return replace(network, layers=(moved, *network.layers[1:]), scaling=data.scaling)
