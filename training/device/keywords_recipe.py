"""The keywords network that ships: pairs of networks, chosen on validation, tested once.

``python -m thresh.training.device.keywords_recipe --data DIR``
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import torch
from rich.console import Console

from thresh.model.files import write_atomically
from thresh.model.model_file import save_network
from thresh.model.network import Network
from thresh.training.sets.keywords import CLASSES, SILENCE, UNKNOWN
from thresh.training.tasks.integers import in_integers
from thresh.training.tasks.keywords import Keywords
from thresh.training.tasks.room import Room, scaled
from thresh.training.tasks.sitting import join, least_loss
from thresh.training.tasks.techniques import TRIED, pair
from thresh.training.trainer.scoring import evaluate

from .announced import announcing
from .options import recipe_options

COMMAND = "python -m thresh.training.device.keywords_recipe --data DIR"
"""What made the network and its results."""

SILENT = (CLASSES.index(SILENCE), CLASSES.index(UNKNOWN))
"""Classes that are never announced."""


def sitting(
    task: Keywords, folder: Path, seeds: Sequence[int], console: Console
) -> tuple[Network, dict[str, Any]]:
    """The network of the seed that is best on validation, and what all seeds come to on test."""

    def told(fold: int | None, seed: int, stage: str, text: str) -> None:
        console.print(f"seed {seed}, {stage}: {text}")

    room = Room(lambda fold: task, pair(task), TRIED, folder, told)
    found = join([room.piece(None, seed) for seed in seeds], task, least_loss(task.wanted))
    tried = []
    for seed in seeds:
        delta = scaled(room.trained(task, None, seed)[1], room.pair[-1], found.scale)
        network, exact = in_integers(delta, task)
        error = evaluate(exact, task, task.items("validation")).score.error
        tried.append((error, seed, network, exact))
    error, seed, network, exact = min(tried, key=lambda one: one[:2])
    network, fit = announcing(network, task.items("validation"), SILENT)
    tested = evaluate(exact, task, task.items("test"))
    notes = {
        "licence": task.licence, "split": task.split, "inputs": task.inputs_are, "seed": seed,
        "unit": task.unit, "test_error": round(tested.score.error, 4),
        "reduction": round(tested.work.reduction, 2),
        "announced_rightly": f"{fit.right} of {fit.clips} of validation", "command": COMMAND,
    }  # fmt: skip
    table = {
        "command": COMMAND,
        "split": task.split,
        "clips": {side: len(corpus) for side, corpus in task.corpora.items()},
        "unit": task.unit,
        "seeds": list(seeds),
        **found.to_dict(),
        "shipped": {
            "seed": seed, "validation_error": error, "test_error": tested.score.error,
            "reduction": tested.work.reduction, "inputs_fire": tested.work.fired_x,
            "states_fire": tested.work.fired_h, "announced_rightly": fit.right,
            "announced_of": fit.clips,
        },
    }  # fmt: skip
    return replace(network, notes=notes), table


@click.command()
@recipe_options(
    "examples/keywords-gru128.safetensors", "docs/results/device-keywords.json",
    "build/device-keywords",
)  # fmt: skip
@click.option("--seed", "seeds", type=int, multiple=True, default=(1, 2, 3), show_default=True)
def main(
    data: Path | None, output: Path, results: Path, checkpoints: Path, seeds: tuple[int, ...]
) -> None:
    """Train the keywords network of a device and its plain control, and test them once."""
    console = Console()
    torch.set_num_threads(1)
    try:
        with console.status("Reading recordings"):
            task = Keywords(data)
        network, table = sitting(task, checkpoints, seeds, console)
        save_network(network, output)
        write_atomically(results, json.dumps(table, indent=2) + "\n")
    except (ValueError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from error
    console.print(
        f"test: {table['delta']:.2f} % wrong against {table['control']:.2f} of the plain network "
        f"({table['low']:+.2f} to {table['high']:+.2f}), {table['reduction']:.1f}x fewer fetches"
    )


if __name__ == "__main__":
    main()
