"""Delta networks of a device that listens for one word, trained on recordings."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thresh.audio.spotter import NEVER, Spotter
from thresh.model.network import Network as Integers
from thresh.reports.hearing.spotted import Spotted
from thresh.reports.training import Training
from thresh.tuning.spotting import spot_clips

from .network import Network

if TYPE_CHECKING:
    from thresh.training.user.settings import Settings
    from thresh.training.user.wake import WakeData

REST = 100
"""Steps after an announcement without another: a second."""


def train_wake(
    place: Path, word: str, settings: "Settings", *, false_per_hour: float, checkpoints: Path,
    report: Any, notes: Callable[[str], None],
) -> Network:  # fmt: skip
    """What `thresh.train` does with ``wake``: a network, its microphone, front end and decision."""
    from thresh.training.trainer.findings import CAUSES, causes
    from thresh.training.user.training import train_user_network, training_folder
    from thresh.training.user.wake import MICROPHONE, load_wake_data

    if not 0 <= false_per_hour < float("inf"):
        raise ValueError(f"False accepts per hour must be 0 or more, not {false_per_hour!r}")
    made = load_wake_data(place, word, settings)
    folder = training_folder(checkpoints / "wake", made.data, settings)
    trained = train_user_network(made.data, settings, folder, report, made.task)
    network = replace(trained.network, microphone=MICROPHONE.to_dict())
    network, spotted = _decided(network, made, trained.part, false_per_hour, place.name)
    own = spotted.found.own
    assert own is not None
    noted = network.notes | {
        "wake_word": word, f"{trained.part}_missed": f"{own.missed} of {own.words}",
        f"{trained.part}_false_accepts": f"{own.false_accepts} in {own.hours:.2f} h",
    }  # fmt: skip
    if (reduction := trained.outcomes["quantised"].reduction) is not None:
        noted["reduction"] = round(reduction, 2)
    if own.hours * max(false_per_hour, 1e-9) < 3:
        notes(
            f"{own.hours:.2f} hours without {word} cannot show {false_per_hour:g} false accepts "
            f"per hour: without one of them 3 divided by that rate is needed"
        )
    training = Training(
        network=replace(network, notes=noted),
        part=trained.part,
        sequences={name: len(places) for name, places in made.data.parts.items()},
        stages={
            stage: {
                "accuracy": found.score.more["accuracy"] / 100,
                "reduction": found.reduction,
            }
            for stage, found in trained.outcomes.items()
        },
        findings={stage: one.to_dict() for stage, one in trained.findings.items()},
        causes={
            name: CAUSES[name]
            for name in causes(trained.findings["plain"], trained.findings["delta"])
        },
        spotted=spotted,
    )
    return Network(training.network, training=training)


def _decided(
    network: Integers, made: "WakeData", part: str, false_per_hour: float, source: str
) -> tuple[Integers, Spotted]:
    """The network with the threshold that validation chooses, and what that is worth on a part."""
    from thresh.training.device.wake import SHIFT, WORD

    own, rest = (NEVER, 0), (0, REST)
    network = replace(
        network, spotter=Spotter(shift=SHIFT, thresholds=own, refractory=rest).to_dict()
    )
    options: dict[str, Any] = {"label": WORD, "false_per_hour": false_per_hour}
    chosen = spot_clips(network, made.recordings["validation"], **options).tuned()
    measured = spot_clips(chosen, made.recordings[part], **options)
    return chosen, Spotted(found=measured, source=f"{source}, {part}")
