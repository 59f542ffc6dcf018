"""The recipe of the shipped digits network.

``python -m thresh.training.digits.recipe --data DIR -o examples/digits-gru128.safetensors``
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from rich.console import Console
from rich.progress import Progress

from thresh.audio.front_ends import NAMES, raw_front_end
from thresh.model.files import write_atomically
from thresh.model.model_file import save_network
from thresh.training.layers.formats import Formats
from thresh.training.sets.fsdd import DIGITS, data_directory, load_fsdd
from thresh.training.trainer.corpus import Corpus
from thresh.training.trainer.export import to_network
from thresh.training.trainer.loop import train
from thresh.training.trainer.net import Net
from thresh.training.trainer.scoring import Outcome, evaluate
from thresh.training.trainer.stage import Stage

from .clips import TRAINING_VARIANTS, VALIDATION_VARIANTS, takes
from .material import SpokenDigits, corpus_of

COMMAND = "python -m thresh.training.digits.recipe --data DIR -o examples/digits-gru128.safetensors"
"""What made the shipped network; of another seed than 1 with ``--seed N`` at its end."""

TEST, VALIDATION = "FSDD test, index 0 to 4", "FSDD index 5 to 7"
"""The recordings that are read once, and those that choose."""

LICENCE = "CC BY-SA 4.0: trained on the Free Spoken Digit Dataset and on eSpeak NG speech"
"""Licence of the network, as in its notes."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that the result depends on, except the recordings.

    Parameters
    ----------
    seed, units : int
    front_end : str
        One of `thresh.audio.front_ends.NAMES`.
    threshold_x, threshold_h : float
    activity : float
        Weight of the state's mean absolute change per step in the loss, in the delta stages.
    weight_x_frac, weight_h_frac, linear_frac : int
        Fraction bits of the GRU's and of the linear layer's weights.
    decision : str
    takes, validation_takes : int
        Synthesized takes per digit.
    variations : int
        Variations of each training recording.
    plain, delta, quantised : int
        Most epochs of each stage.
    """

    seed: int = 1
    units: int = 128
    front_end: str = NAMES[0]
    threshold_x: float = 0.5
    threshold_h: float = 0.4
    activity: float = 1.0
    weight_x_frac: int = 9
    weight_h_frac: int = 7
    linear_frac: int = 7
    decision: str = "mean"
    takes: int = 100
    validation_takes: int = 20
    variations: int = 5
    plain: int = 50
    delta: int = 50
    quantised: int = 12

    def stages(self) -> tuple[Stage, ...]:
        """Plain GRU, delta GRU in floating point, delta GRU in integers."""
        delta = {
            "threshold_x": self.threshold_x,
            "threshold_h": self.threshold_h,
            "activity_h": self.activity,
        }
        common = {"rates": "step", "decay": 0.01}
        return (
            Stage(name="plain", epochs=self.plain, rate=3e-3, patience=25, **common),
            Stage(name="delta", epochs=self.delta, rate=2e-3, patience=25, **common, **delta),
            Stage(
                name="quantised", epochs=self.quantised, rate=5e-4, patience=10, quantised=True,
                **common, **delta,
            ),
        )  # fmt: skip


def prepare(directory: Path, recipe: Recipe, without: str = "") -> SpokenDigits:
    """Read, synthesize and vary the recordings of training and validation.

    Parameters
    ----------
    directory : Path
        From `thresh.training.sets.fsdd.data_directory`.
    recipe : Recipe
    without : str
        A speaker whose recordings are left out.
    """
    spoken = [one for one in load_fsdd(directory, "train") if one.speaker != without]
    spoken += takes(TRAINING_VARIANTS, recipe.takes, recipe.seed)
    heard = [one for one in load_fsdd(directory, "validation") if one.speaker != without]
    heard += takes(VALIDATION_VARIANTS, recipe.validation_takes, recipe.seed + 1)
    raw = raw_front_end(recipe.front_end)
    front_end = raw.fitted(np.concatenate([raw.log_mel(one.pcm) for one in spoken]))
    corpora = {
        "train": corpus_of(spoken, front_end, recipe.variations, recipe.seed),
        "validation": corpus_of(heard, front_end),
    }
    return SpokenDigits(front_end=front_end, corpora=corpora, decision=recipe.decision)


def train_stages(
    task: SpokenDigits, recipe: Recipe, folder: Path, console: Console
) -> tuple[Net, dict[str, dict[str, Any]]]:
    """Train every stage; the network after the last, and the weights after each.

    ``folder`` keeps one checkpoint per stage, from which an interrupted training goes on.
    """
    torch.manual_seed(recipe.seed)
    formats = Formats(weight_x_frac=recipe.weight_x_frac, weight_h_frac=recipe.weight_h_frac)
    net = Net(
        task.front_end.bands, recipe.units, len(DIGITS), formats=formats,
        linear_frac=recipe.linear_frac,
    )  # fmt: skip
    weights = {}
    for stage in recipe.stages():
        with Progress(console=console, transient=True) as progress:
            bar = progress.add_task(stage.name, total=stage.epochs)

            def report(
                epoch: int, loss: float, outcome: Outcome | None, bar=bar, progress=progress
            ) -> None:
                progress.update(bar, completed=epoch + 1)
                progress.console.print(
                    f"{bar_name(progress, bar)} epoch {epoch + 1}: training loss {loss:.3f}, "
                    f"{said(outcome)}"
                )

            train(
                net, task, stage, seed=recipe.seed, checkpoint=folder / f"{stage.name}.pt",
                report=report,
            )  # fmt: skip
        score = evaluate(net, task, task.items("validation")).score
        console.print(f"{stage.name}: validation {score.more['accuracy']:.1f}%", style="bold")
        weights[stage.name] = {name: value.clone() for name, value in net.state_dict().items()}
    return net, weights


def bar_name(progress: Progress, bar: Any) -> str:
    """Text of a progress bar."""
    return progress.tasks[bar].description


def said(outcome: Outcome | None) -> str:
    """What an epoch came to on validation."""
    if outcome is None:
        return "not validated"
    score, work = outcome.score, outcome.work
    return (
        f"validation loss {score.loss:.3f}, accuracy {score.more['accuracy']:.1f}%, "
        f"{work.reduction:.1f}x fewer fetches"
    )


def results(
    net: Net, weights: dict[str, dict[str, Any]], task: SpokenDigits, test: Corpus, recipe: Recipe
) -> list[dict[str, Any]]:
    """One row per stage: what it hears of the test split, and its work."""
    rows = []
    for stage in recipe.stages():
        stage.prepare(net)
        net.load_state_dict(weights[stage.name])
        validation = evaluate(net, task, task.items("validation"))
        found = evaluate(net, task, test.items())
        rows.append(
            row_of(found, validation, f"{VALIDATION}, and eSpeak NG voices held out of training")
            | {
                "network": stage.name, "recordings": len(test),
                "threshold_x": net.gru.threshold_x, "threshold_h": net.gru.threshold_h,
                "quantised": stage.quantised, "seed": recipe.seed, "command": command_of(recipe),
            }
        )  # fmt: skip
    return rows


def row_of(found: Outcome, validation: Outcome, validated_on: str) -> dict[str, Any]:
    """What a row of the table says of a network, whichever it is."""
    return {
        "split": TEST, "validation_split": validated_on,
        "accuracy": round(found.score.more["accuracy"] / 100, 4),
        "validation_accuracy": round(validation.score.more["accuracy"] / 100, 4),
        "reduction": round(found.work.reduction, 2),
        "entries_x_per_step": round(found.work.fired_x, 2),
        "entries_h_per_step": round(found.work.fired_h, 2),
    }  # fmt: skip


def command_of(recipe: Recipe) -> str:
    """What makes a recipe's network."""
    kind = f" --front-end {recipe.front_end}" if recipe.front_end != NAMES[0] else ""
    return COMMAND + kind + (f" --seed {recipe.seed}" if recipe.seed != 1 else "")


def keep(path: Path, rows: list[dict[str, Any]], *, replaces: tuple[str, ...] = ()) -> None:
    """Write rows of one seed among those of others, in the order of the seeds.

    Parameters
    ----------
    path : Path
        Table of results.
    rows : list of dict
    replaces : tuple of str
        Networks of the seed whose rows go; all of them where it is empty.
    """
    seed = rows[0]["seed"]
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    kept = [
        row for row in before
        if row["seed"] != seed or (replaces and row["network"] not in replaces)
    ]  # fmt: skip
    ordered = sorted([*kept, *rows], key=lambda row: row["seed"])
    write_atomically(path, json.dumps(ordered, indent=2) + "\n")


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder of FSDD recordings.")
@click.option(
    "-o", "output", type=click.Path(dir_okay=False, path_type=Path), required=True,
    help="Model file to write.",
)  # fmt: skip
@click.option(
    "--results", "table", type=click.Path(dir_okay=False, path_type=Path),
    default=Path("docs/results/digits.json"), show_default=True, help="Table of results to write.",
)  # fmt: skip
@click.option(
    "--checkpoints", type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/digits"), show_default=True, help="Where training is resumed from.",
)  # fmt: skip
@click.option(
    "--front-end", "kind", type=click.Choice(NAMES), default=NAMES[0], show_default=True,
    help="What makes features of the recordings.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(1), default=1, show_default=True,
    help="Draws weights, variations and order; the table keeps the rows of other seeds.",
)  # fmt: skip
def main(
    data: Path | None, output: Path, table: Path, checkpoints: Path, kind: str, seed: int
) -> None:
    """Train the digits network and score it once on the test split."""
    console = Console()
    recipe = Recipe(front_end=kind, seed=seed)
    torch.set_num_threads(1)
    try:
        directory = data_directory(data)
        with console.status("Reading, synthesizing and varying recordings"):
            task = prepare(directory, recipe)
        net, weights = train_stages(task, recipe, checkpoints / f"seed{seed}", console)
        test = corpus_of(load_fsdd(directory, "test"), task.front_end)
        rows = results(net, weights, task, test, recipe)
        last = rows[-1]
        network = to_network(
            net,
            name="digits-gru128",
            classes=DIGITS,
            decision=recipe.decision,
            front_end=task.front_end.to_dict(),
            notes={
                "licence": LICENCE,
                "test_accuracy": last["accuracy"],
                "reduction": last["reduction"],
                "seed": recipe.seed,
                "command": command_of(recipe),
            },
        )
        save_network(network, output)
        keep(table, rows)
    except (ValueError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from error
    for row in rows:
        console.print(
            f"{row['network']}: test {row['accuracy']:.1%}, {row['reduction']:.1f}x fewer fetches"
        )


if __name__ == "__main__":
    main()
