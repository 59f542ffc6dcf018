"""``thresh train``: a network for a user's own data, or one of the project's tasks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from thresh.data.inputs import load_inputs
from thresh.model.model_file import save_network
from thresh.model.network import Network
from thresh.reports.table import Table, facts, grid
from thresh.training.user.data import UserData, load_user_data
from thresh.training.user.settings import Settings, read_settings
from thresh.tuning.scoring import evaluate, problem_of
from thresh.tuning.thresholds import point_of, reals

from .output import json_option, messages, note, show

TASKS = ("digits", "an4-digits", "letters", "steering", "ecg", "keywords")
"""The project's own tasks; `thresh.training.tasks.run` trains them."""

Report = Callable[[str, int, int, str], None]


@click.command("train")
@click.argument("task", required=False)
@click.option("--data", type=click.Path(path_type=Path), help="A .npz or folder; see above.")
@click.option("--config", type=click.Path(path_type=Path), help="TOML file of settings.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path),
    help="Model file to write; the data's name with .safetensors if none.",
)  # fmt: skip
@click.option(
    "--checkpoints", type=click.Path(file_okay=False, path_type=Path), default=Path("build/train"),
    show_default=True, help="Where an interrupted training goes on from.",
)  # fmt: skip
@json_option
def command(
    task: str | None, data: Path | None, config: Path | None, output: Path | None,
    checkpoints: Path, as_json: bool,
) -> None:  # fmt: skip
    """Train a delta network on labelled sequences and write its model file.

    DATA is an .npz with x (sequences, frames, inputs) and labels (sequences,), with lengths where
    sequences are padded; or a folder with one folder of WAV files per class. docs/explore.md has
    the layouts and every setting. Each class is split by the seed into training, validation
    (early stopping; thresholds may be chosen on it) and test (read once, reported).

    The network is trained plain, then with thresholds, then in integers. Ctrl-C loses the epoch
    that is under way; the same command goes on.

    TASK is one of the project's own, digits, an4-digits, letters, steering, ecg or keywords, with
    --data naming the folder of its data set.
    """
    if task is not None:
        found = _run_task(task, data, output, checkpoints)
        show(found, [_task_table(task, found), *_reasons(found)], as_json=as_json)
        return
    settings = read_settings(config) if config else Settings()
    place = data or settings.data
    if place is None:
        raise click.UsageError("Give --data, or a --config that names data.")
    material = load_user_data(place, settings)
    for text in material.notes:
        note(f"note: {text}")
    path = output or Path(f"{material.name}.safetensors")
    if path.suffix != ".safetensors":
        raise ValueError(f"{path.name} must end in .safetensors")
    found = _train(place, material, settings, path, checkpoints)
    show(found, [*_tables(found, settings), *_reasons(found)], as_json=as_json)


@contextmanager
def _bars() -> Iterator[Report]:
    """Bars on standard error, one per stage; yields ``report(stage, done, most, text)``."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = messages()
    with Progress(*columns, console=console, disable=not console.is_terminal) as shown:
        bars: dict[str, TaskID] = {}

        def report(stage: str, done: int, most: int, text: str) -> None:
            if stage not in bars:
                bars[stage] = shown.add_task(stage, total=most)
            shown.update(bars[stage], completed=done, description=f"{stage}: {text}")

        yield report


def _run_task(
    name: str, data: Path | None, output: Path | None, checkpoints: Path
) -> dict[str, Any]:
    if name not in TASKS:
        raise ValueError(
            f"The task must be one of {', '.join(TASKS)}, not {name!r}; own data come with --data"
        )
    from thresh.training.tasks.run import train_task

    path = output or Path(f"{name}.safetensors")
    with _bars() as report:
        found: dict[str, Any] = train_task(
            name, data=data, output=path, checkpoints=checkpoints / name, report=report
        )
    return found


def _task_table(name: str, found: dict[str, Any]) -> Table:
    names = {"plain": "plain", "delta": "delta", "quantised": "int8"}
    rows = [
        (names[stage], row["error"], f"{row['reduction']:.1f}x")
        for stage, row in found["stages"].items()
    ]
    columns = ("network", found["unit"], "fewer fetches")
    return grid(f"{name}: {found['model']}, {found['split']}", columns, rows)


def _train(
    place: Path, data: UserData, settings: Settings, path: Path, checkpoints: Path
) -> dict[str, Any]:
    from thresh.training.trainer.findings import causes
    from thresh.training.user.training import train_user_network, training_folder

    folder = training_folder(checkpoints, data, settings)
    with _bars() as report:
        for name in ("plain", "delta", "quantised"):
            report(name, 0, getattr(settings, name), "waiting")
        trained = train_user_network(data, settings, folder, report)
    network = trained.network
    rows = {
        stage: {
            "accuracy": found.score.more["accuracy"] / 100,
            "reduction": found.work.reduction,
        }
        for stage, found in trained.outcomes.items()
    }
    # The last row is the model file's own, in the exact integers of the golden model.
    rows["quantised"] = _measured(place, network, trained.part)
    save_network(_noted(network, trained.part, rows["quantised"]), path)
    values = reals(network, point_of(network))
    return {
        "model": str(path),
        "classes": list(network.classes),
        "part": trained.part,
        "sequences": {name: len(places) for name, places in data.parts.items()},
        "stages": rows,
        "findings": {stage: one.to_dict() for stage, one in trained.findings.items()},
        "causes": causes(trained.findings["plain"], trained.findings["delta"]),
        "threshold_x": values[0],
        "threshold_h": values[1:],
        "weight_bits": network.weight_bits,
        "weights": network.weights,
    }


def _measured(place: Path, network: Network, part: str) -> dict[str, float]:
    """Accuracy and reduction of the golden model on a part of the data."""
    problem = problem_of(network, load_inputs(place, network, split=part), [])
    row = evaluate(problem, point_of(network))
    return {"accuracy": 1 - row["error"] / 100, "reduction": row["reduction"]}


def _noted(network: Network, part: str, row: dict[str, float]) -> Network:
    notes = network.notes | {
        f"{part}_accuracy": round(row["accuracy"], 4),
        "reduction": round(row["reduction"] or 0, 2),
    }
    return replace(network, notes=notes)


def _reasons(found: dict[str, Any]) -> list[Table | str]:
    """Why the network is not sparser: its numbers on its own sequences, and what they say."""
    from thresh.training.trainer.findings import CAUSES

    rows = [
        (
            stage, f"{one['train_error']:.2f}", f"{one['validation_error']:.2f}",
            f"{one['fired_x']:.1f} of {one['inputs']}", f"{one['fired_h']:.1f} of {one['states']}",
        )
        for stage, one in found["findings"].items()
    ]  # fmt: skip
    heads = ("network", "training error", "validation error", "inputs fire", "states fire")
    return [
        grid("Why it is not sparser (per step, on validation)", heads, rows),
        *(CAUSES[cause] for cause in found["causes"]),
    ]


def _tables(found: dict[str, Any], settings: Settings) -> list[Table | str]:
    names = {"plain": "plain", "delta": "delta", "quantised": f"int{settings.bits}"}
    rows = [
        (names[stage], f"{row['accuracy']:.1%}", f"{row['reduction']:.1f}x")
        for stage, row in found["stages"].items()
    ]
    count = found["sequences"][found["part"]]
    hidden = ", ".join(f"{value:.3g}" for value in found["threshold_h"])
    return [
        grid(
            f"{count} sequences of the {found['part']} part",
            ("network", "accuracy", "fewer fetches"),
            rows,
        ),
        facts(
            found["model"],
            [
                ("classes", ", ".join(found["classes"])),
                ("sequences", ", ".join(f"{n} {p}" for p, n in found["sequences"].items())),
                ("thresholds", f"x {found['threshold_x']:.3g}, h {hidden}"),
                ("weights", found["weights"]),
            ],
        ),
    ]
