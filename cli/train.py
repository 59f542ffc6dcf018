"""``thresh train``: a network for a user's own data, or one of the project's tasks."""

from pathlib import Path
from typing import Any

import click

import thresh
from thresh.own_training import CHECKPOINTS, settings_of
from thresh.progress import epochs
from thresh.reports.training import task_tables

from .output import given, json_option, made_by, note, show

TASKS = ("digits", "wide-digits", "an4-digits", "letters", "steering", "ecg", "keywords")
"""The project's own tasks; `thresh.training.tasks.run` trains them."""


@click.command("train")
@click.argument("task", required=False)
@click.option("--data", type=click.Path(path_type=Path), help="A .npz or folder; see above.")
@click.option("--config", type=click.Path(path_type=Path), help="TOML file of settings.")
@click.option("--wake", metavar="WORD", help="Train a device that listens for WORD; see above.")
@click.option(
    "--false-per-hour", type=float, default=0.5, show_default=True,
    help="With --wake: false accepts that the threshold may have on validation.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(path_type=Path),
    help="Model file to write; the data's name with .safetensors if none.",
)  # fmt: skip
@click.option(
    "--checkpoints", type=click.Path(file_okay=False, path_type=Path), default=CHECKPOINTS,
    show_default=True, help="Where an interrupted training goes on from.",
)  # fmt: skip
@json_option
def command(
    task: str | None, data: Path | None, config: Path | None, wake: str | None,
    false_per_hour: float, output: Path | None, checkpoints: Path, as_json: bool,
) -> None:  # fmt: skip
    """Train a delta network on labelled sequences and write its model file.

    DATA is an .npz with x (sequences, frames, inputs) and labels (sequences,), with lengths where
    sequences are padded; or a folder with one folder of audio files per class. docs/explore.md has
    the layouts and every setting. Each class is split by the seed into training, validation
    (early stopping; thresholds may be chosen on it) and test (read once, reported).

    The network is trained plain, then with thresholds, then in integers. Ctrl-C loses the epoch
    that is under way; the same command goes on.

    With --wake DATA is a folder with a folder of recordings named WORD, and others with everything
    else. The network has a microphone, a front end and a decision, so that a device holds it as it
    is; its threshold is chosen on validation. docs/wake-word.md leads through it.

    TASK is one of the project's own, digits, wide-digits, an4-digits, letters, steering, ecg or
    keywords, with --data naming the folder of its data set.
    """
    if output is not None and output.suffix != ".safetensors":
        raise ValueError(f"{output.name} must end in .safetensors")
    if task is not None:
        if words := given("config", "wake", "false_per_hour"):
            raise click.UsageError(f"For your own data, not for a task: {', '.join(words)}.")
        found = _run_task(task, data, output, checkpoints)
        from thresh.training.trainer.findings import CAUSES

        show(found, task_tables(task, found, CAUSES), as_json=as_json)
        return
    if wake is None and given("false_per_hour"):
        raise click.UsageError("--false-per-hour needs a --wake.")
    settings = settings_of(config, wake) if config else None
    place = data or (settings.data if settings else None)
    if place is None:
        raise click.UsageError("Give --data, or a --config that names data.")
    name = (settings.name if settings else "") or wake or place.stem
    path = output or Path(f"{name}.safetensors")
    network = thresh.train(
        place, settings, wake=wake, false_per_hour=false_per_hour, checkpoints=checkpoints,
        progress=True,
        notes=lambda text: note(f"note: {text}"),
    )  # fmt: skip
    network.save(path)
    assert network.training is not None
    data_shown = {"model": str(path)} | network.training.to_dict()
    show(data_shown, network.training.tables(), as_json=as_json)


def _run_task(
    name: str, data: Path | None, output: Path | None, checkpoints: Path
) -> dict[str, Any]:
    if name not in TASKS:
        raise ValueError(
            f"The task must be one of {', '.join(TASKS)}, not {name!r}; own data come with --data"
        )
    from thresh.training.tasks.run import train_task

    path = output or Path(f"{name}.safetensors")
    with epochs(True) as report:
        found: dict[str, Any] = train_task(
            name, data=data, output=path, checkpoints=checkpoints / name, report=report,
            command=made_by("output", "checkpoints"),
        )  # fmt: skip
    return found
