"""Delta networks trained on labelled sequences."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thresh.data.inputs import load_inputs
from thresh.model.given import file
from thresh.model.network import Network as Integers
from thresh.reports.training import Training
from thresh.tuning.scoring import evaluate, problem_of
from thresh.tuning.thresholds import point_of

from .extras import names_extras
from .network import Network
from .progress import Epochs, epochs
from .wake_training import train_wake

if TYPE_CHECKING:
    from thresh.training.user.settings import Settings
    from thresh.training.user.training import Trained

CHECKPOINTS = Path("build/train")
"""Where an interrupted training goes on from, when nobody says."""


@names_extras
def train(
    data: str | os.PathLike[str] | None = None,
    settings: "Settings | str | os.PathLike[str] | None" = None,
    *,
    wake: str | None = None,
    false_per_hour: float = 0.5,
    checkpoints: str | os.PathLike[str] = CHECKPOINTS,
    progress: Epochs = None,
    notes: Callable[[str], None] = lambda text: None,
) -> Network:
    """Train a delta network: plain, then with thresholds, then in integers.

    Every class is split by the seed into training, validation (early stopping; thresholds may be
    chosen on it) and test (read once, reported). The network remembers the split.

    Parameters
    ----------
    data : path, optional
        An ``.npz`` with ``x`` (sequences, frames, inputs) and ``labels`` (sequences,), or a folder
        with one folder of audio files per class; as docs/explore.md has them. That of the settings
        when absent.
    settings : `thresh.training.user.settings.Settings` or path of a TOML file, optional
        What is left out has the defaults of its kind of training.
    wake : str, optional
        A word that a device is to listen for: data are then a folder with one folder of its
        recordings, named as it, and others with everything else; the network has a microphone, a
        front end, and a decision whose threshold is chosen on validation.
    false_per_hour : float
        False accepts that this threshold may have there.
    checkpoints : path
        Where an interrupted training goes on from.
    progress : callable or bool, optional
        Told stage, epochs done, the most, and what is to be said; True shows bars.
    notes : callable
        Told what was converted in the data.

    Returns
    -------
    Network
        Its `training` says how good it was after every stage.

    Raises
    ------
    ValueError
        When data or settings are not as they must be, in one sentence.
    MissingExtraError
        When PyTorch is not installed.
    """
    chosen = settings_of(settings, wake)
    place = chosen.data if data is None else file("The data", data)
    if place is None:
        raise ValueError("A training needs data: give them, or settings that name them")
    if wake is None:
        return _classifier(place, chosen, Path(checkpoints), progress=progress, notes=notes)
    with epochs(progress) as report:
        return train_wake(
            place, wake, chosen, false_per_hour=false_per_hour, report=report, notes=notes,
            checkpoints=Path(checkpoints),
        )  # fmt: skip


def settings_of(
    given: "Settings | str | os.PathLike[str] | None", wake: str | None = None
) -> "Settings":
    """Settings as `train` takes them: what is left out has the defaults of its kind of training.

    Raises
    ------
    ValueError
        When they are none, in one sentence.
    """
    from thresh.training.user.settings import Settings, read_settings

    if isinstance(given, Settings):
        return given
    if given is None:
        return _defaults(wake)
    if isinstance(given, str | os.PathLike):
        return read_settings(Path(given), _defaults(wake))
    raise ValueError(f"Settings are a Settings or a TOML file, not {given!r}")


def _defaults(wake: str | None) -> "Settings":
    """Of a kind of training."""
    if wake is None:
        from thresh.training.user.settings import Settings

        return Settings()
    from thresh.training.user.wake import DEFAULTS

    return DEFAULTS


def _classifier(
    place: Path, settings: "Settings", checkpoints: Path, *, progress: Epochs,
    notes: Callable[[str], None],
) -> Network:  # fmt: skip
    """A network that tells the classes of the data apart."""
    from thresh.training.user.data import load_user_data

    material = load_user_data(place, settings)
    for text in material.notes:
        notes(text)
    from thresh.training.user.training import train_user_network, training_folder

    folder = training_folder(checkpoints, material, settings)
    with epochs(progress) as report:
        for name in ("plain", "delta", "quantised"):
            report(name, 0, getattr(settings, name), "waiting")
        trained = train_user_network(material, settings, folder, report)
    found = _training(
        trained, _measured(place, trained.network, trained.part),
        {name: len(places) for name, places in material.parts.items()},
    )  # fmt: skip
    return Network(found.network, training=found)


def _training(trained: "Trained", exact: dict[str, Any], sequences: dict[str, int]) -> Training:
    """What a training says of its stages, the last in the exact integers of the golden model."""
    from thresh.training.trainer.findings import CAUSES, causes

    stages: dict[str, dict[str, Any]] = {
        stage: {
            "accuracy": found.score.more["accuracy"] / 100,
            "reduction": found.reduction,
        }
        for stage, found in trained.outcomes.items()
    }
    noted = trained.network.notes | {
        f"{trained.part}_accuracy": round(exact["accuracy"], 4),
    }
    if exact["reduction"] is not None:
        noted["reduction"] = round(exact["reduction"], 2)
    limits = causes(trained.findings["plain"], trained.findings["delta"])
    return Training(
        network=replace(trained.network, notes=noted),
        part=trained.part,
        sequences=sequences,
        stages=stages | {"quantised": exact},
        findings={stage: one.to_dict() for stage, one in trained.findings.items()},
        causes={name: CAUSES[name] for name in limits},
    )


def _measured(place: Path, network: Integers, part: str) -> dict[str, Any]:
    """Accuracy and reduction of the golden model on a part of the data."""
    problem = problem_of(network, load_inputs(place, network, split=part), [])
    row = evaluate(problem, point_of(network))
    return {"accuracy": 1 - row["error"] / 100, "reduction": row["reduction"]}
