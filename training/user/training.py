"""Training on a user's own data: plain, then with thresholds, then in integers."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from thresh.model.network import Network
from thresh.training.digits.batches import Corpus
from thresh.training.digits.classifier import Classifier, Work
from thresh.training.digits.stages import Score, Stage, evaluate, train
from thresh.training.layers.delta_recurrent import DeltaGRU
from thresh.training.layers.delta_trace import DeltaTrace
from thresh.training.layers.export import fit_formats, to_network

from .data import UserData
from .settings import Settings

Report = Callable[[str, int, int, float, Score], None]
"""Called after an epoch with stage, epochs done and at most, training loss, validation score."""


class UserCorpus(Corpus):
    """A part of a user's data, in the form of a corpus of recordings.

    Parameters
    ----------
    data : UserData
    part : str
    """

    def __init__(self, data: UserData, part: str) -> None:
        places = data.parts[part]
        self.frac = data.frac
        self.digits = data.labels[places]
        self.copies = [[data.sequences[place]] for place in places]


class StackedClassifier(Classifier):
    """`Classifier` with one or more GRU layers.

    Parameters
    ----------
    inputs, units, classes, layers : int
    """

    def __init__(self, inputs: int, units: int, classes: int, *, layers: int) -> None:
        super().__init__(inputs, units, classes)
        self.gru = DeltaGRU(inputs, units, layers, batch_first=True)

    def work(self, trace: DeltaTrace, valid: torch.Tensor) -> Work:
        """As the classifier's, over all layers."""
        rows, outputs = 3 * self.gru.hidden_size, self.linear.out_features
        steps, units = int(valid.sum()), self.gru.hidden_size
        entries_x = int((trace.layers[0].fired_x * valid).sum())
        entries_h = [int((layer.fired_h * valid).sum()) for layer in trace.layers]
        columns = self.gru.input_size + units + (len(entries_h) - 1) * 2 * units
        return Work(
            delta=(entries_x + 2 * sum(entries_h) - entries_h[-1]) * rows + entries_h[-1] * outputs,
            dense=steps * (columns * rows + units * outputs),
            entries_x=entries_x,
            entries_h=sum(entries_h),
            steps=steps,
        )


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What came of a training.

    Parameters
    ----------
    network : Network
    model : StackedClassifier
        Equal to the network in every integer.
    part : str
        The part of the data that ``scores`` are of: the test, or the validation without one.
    scores : dict of Score
        By stage.
    """

    network: Network
    model: StackedClassifier
    part: str
    scores: dict[str, Score]


def stages(settings: Settings, deviation: float) -> tuple[Stage, ...]:
    """Plain, with thresholds, in integers.

    Parameters
    ----------
    settings : Settings
    deviation : float
        Of the inputs, in which ``threshold_x`` is given.
    """
    common = {"patience": settings.patience}
    delta = common | {
        "threshold_x": settings.threshold_x * deviation,
        "threshold_h": settings.threshold_h,
        "activity": settings.activity,
    }
    rate = settings.rate
    return (
        Stage(name="plain", epochs=settings.plain, rate=rate, **common),
        Stage(name="delta", epochs=settings.delta, rate=rate * 2 / 3, **delta),
        Stage(name="quantised", epochs=settings.quantised, rate=rate / 6, quantised=True, **delta),
    )


def train_user_network(
    data: UserData,
    settings: Settings,
    folder: Path,
    report: Report = lambda stage, done, most, loss, score: None,
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
    """
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)
    inputs = data.sequences[0].shape[1]
    model = StackedClassifier(inputs, settings.units, len(data.classes), layers=settings.layers)
    corpora = {part: UserCorpus(data, part) for part in data.parts if data.parts[part]}
    part = "test" if "test" in corpora else "validation"
    longest = settings.longest or max(map(len, data.sequences))
    scores = {}
    for stage in stages(settings, data.deviation):
        if stage.quantised:
            fit_formats((model.gru, model.linear), data.frac, weight_bits=settings.bits)

        def told(epoch: int, loss: float, score: Score, stage: Stage = stage) -> None:
            report(stage.name, epoch + 1, stage.epochs, loss, score)

        train(
            model, corpora["train"], corpora["validation"], stage, decision=settings.decision,
            seed=settings.seed, checkpoint=folder / f"{stage.name}.pt", origin=_origin(settings),
            report=told, size=settings.batch, longest=longest,
        )  # fmt: skip
        scores[stage.name] = evaluate(model, corpora[part], settings.decision)
    return Trained(network=_network(model, data, settings), model=model, part=part, scores=scores)


def training_folder(base: Path, data: UserData, settings: Settings) -> Path:
    """Where the checkpoints of this data and these settings are kept."""
    text = f"{_origin(settings)} {data.split} {data.classes}"
    return base / hashlib.sha256(text.encode()).hexdigest()[:16]


def _origin(settings: Settings) -> str:
    return settings.model_dump_json(exclude={"data", "name"})


def _network(model: Classifier, data: UserData, settings: Settings) -> Network:
    """The trained network, its inputs in the user's unit."""
    network = to_network(
        model,
        name=data.name,
        classes=data.classes,
        decision=settings.decision,
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
    return replace(network, layers=(moved, *network.layers[1:]))
