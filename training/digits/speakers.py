"""How well the digits recipe hears speakers that it never trained on.

``python -m thresh.training.digits.speakers --data DIR``
"""

import json
from dataclasses import asdict
from pathlib import Path

import click
import torch
from rich.console import Console

from thresh.model.files import write_atomically
from thresh.training.sets.fsdd import data_directory, load_fsdd
from thresh.training.trainer.scoring import evaluate

from .material import corpus_of
from .recipe import Recipe, prepare, train_stages

SHORT = Recipe(plain=20, delta=20, quantised=6, variations=3, takes=60)
"""The digits recipe with fewer epochs and variations, since it runs once per speaker."""


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder of FSDD recordings.")
@click.option(
    "-o", "output", type=click.Path(dir_okay=False, path_type=Path),
    default=Path("docs/results/speakers.json"), show_default=True, help="Table to write.",
)  # fmt: skip
@click.option(
    "--checkpoints", type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/speakers"), show_default=True, help="Where training is resumed from.",
)  # fmt: skip
def main(data: Path | None, output: Path, checkpoints: Path) -> None:
    """Leave each speaker out of training in turn, and score on its test recordings."""
    console = Console()
    torch.set_num_threads(1)
    rows = []
    try:
        directory = data_directory(data)
        test = load_fsdd(directory, "test")
        for speaker in sorted({one.speaker for one in test}):
            task = prepare(directory, SHORT, without=speaker)
            net, _ = train_stages(task, SHORT, checkpoints / speaker, console)
            heard = [one for one in test if one.speaker == speaker]
            found = evaluate(net, task, corpus_of(heard, task.front_end).items())
            accuracy = found.score.more["accuracy"]
            rows.append({
                "speaker": speaker,
                "split": "FSDD test, index 0 to 4, speaker left out of training",
                "recordings": len(heard),
                "accuracy": round(accuracy / 100, 4),
                "reduction": round(found.work.reduction, 2),
                "recipe": asdict(SHORT),
                "command": "python -m thresh.training.digits.speakers --data DIR",
            })  # fmt: skip
            console.print(f"{speaker}: {accuracy:.1f}%")
        write_atomically(output, json.dumps(rows, indent=2) + "\n")
    except (ValueError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from error


if __name__ == "__main__":
    main()
