"""A wake word in folds in which every clip is tested once, and the network of the first.

``python -m thresh.training.device.wake_recipe --data DIR --talk TALK``
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import click
import torch
from rich.console import Console

from thresh.audio.decimator import Decimator
from thresh.audio.operating import Point, Stream, operating_point
from thresh.audio.spotter import NEVER, Spotter
from thresh.model.files import write_atomically
from thresh.model.model_file import save_network
from thresh.model.network import Network
from thresh.training.exam.folds import COUNT
from thresh.training.sets.keywords import Clip
from thresh.training.tasks.integers import in_integers
from thresh.training.tasks.training import make_net
from thresh.training.trainer.batches import Item
from thresh.training.trainer.loop import train, unheard
from thresh.training.trainer.net import Net
from thresh.training.trainer.scoring import evaluate
from thresh.training.trainer.work import Work

from .computer import NAME, Computer, load_clips
from .options import recipe_options
from .spoken import LogOf, device_front_end
from .wake import AGAIN, DELTA, PLAIN, SHIFT
from .wake_exam import REST, point_of, points_of, streams_of, summed, told

COMMAND = "python -m thresh.training.device.wake_recipe --data DIR --talk TALK"
"""What made the network and its results."""

WANTED = 0.5
"""False accepts per hour."""

ROOMS = 3
"""Times that validation is heard again, every clip in another room, to choose a threshold."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Fold:
    """The network of a fold with the threshold that its validation chose, and its test.

    Parameters
    ----------
    network : Network
    streams : list of Stream
        Of the test.
    own, elsewhere : Point
        The test as recorded, and every clip of it in another room.
    work : Work
    """

    network: Network
    streams: list[Stream]
    own: Point
    elsewhere: Point
    work: Work


def trained(
    task: Computer, folder: Path, report: Callable[[str], Callable[..., None]] = lambda _: unheard
) -> Net:
    """The delta network of a fold."""
    torch.manual_seed(1)
    net = make_net(task)
    for stage, then in ((PLAIN, task.pretrained), (DELTA, task.refined), (AGAIN, None)):
        place = folder / f"{stage.name}.pt"
        train(net, task, stage, seed=1, checkpoint=place, report=report(stage.name))
        if then is not None:
            then(net)
    return net


def fold_of(clips: list[Clip], fold: int, log_of: LogOf, folder: Path, console: Console) -> Fold:
    """The network of a fold with the threshold that its validation chooses, and its test."""

    def report(stage: str) -> Callable[..., None]:
        return lambda epoch, loss, outcome: console.print(
            f"fold {fold}, {stage}: epoch {epoch + 1}, loss {loss:.4f}"
        )

    task = Computer(clips, fold, log_of)
    network, exact = in_integers(trained(task, folder / f"fold{fold}", report), task)

    def heard(items: list[Item]) -> list[Stream]:
        return streams_of(exact, network, items)

    rooms = [task.elsewhere("validation", seed) for seed in range(ROOMS)]
    chosen = operating_point(
        points_of([one for items in (task.items("validation"), *rooms) for one in heard(items)]),
        WANTED,
    )
    settings = Spotter(shift=SHIFT, thresholds=(NEVER, chosen.threshold), refractory=(0, REST))
    streams, work = heard(task.items("test")), evaluate(exact, task, task.items("test")).work
    return Fold(
        network=replace(network, microphone=Decimator().to_dict(), spotter=settings.to_dict()),
        streams=streams, own=point_of(streams, chosen.threshold), work=work,
        elsewhere=point_of(heard(task.elsewhere("test", ROOMS)), chosen.threshold),
    )  # fmt: skip


def summary(folds: list[Fold]) -> tuple[Network, dict[str, Any]]:
    """The network of the first fold, and all folds together as JSON."""
    points = points_of([stream for one in folds for stream in one.streams])
    own, first = summed([one.own for one in folds]), folds[0]
    work = sum((one.work for one in folds), Work())
    notes = {
        "licence": Computer.licence, "split": Computer.split, "inputs": Computer.inputs_are,
        "wake_word": NAME, "seed": 1, "command": COMMAND,
        "missed": f"{first.own.missed} of {first.own.words} of the fold's test",
        "false_accepts": f"{first.own.false_accepts} in {first.own.hours:.2f} h of it",
        "reduction": round(first.work.reduction, 2),
    }  # fmt: skip
    table = {
        "command": COMMAND, "word": NAME, "split": Computer.split, "folds": len(folds),
        "false_per_hour_wanted": WANTED, **told(own),
        "elsewhere": told(summed([one.elsewhere for one in folds])),
        "reduction": work.reduction, "inputs_fire": work.fired_x, "states_fire": work.fired_h,
        "by_fold": [told(one.own) for one in folds],
        "one_threshold": [told(operating_point(points, rate)) for rate in (WANTED, 1.0, 2.5)],
        "curve": [
            {"threshold": one.threshold, "misses": one.misses, "false_per_hour": one.per_hour}
            for one in points
        ],
    }  # fmt: skip
    return replace(first.network, notes=notes), table


@click.command()
@recipe_options(
    model="examples/wake-computer-gru64.safetensors", results="docs/results/device-wake.json",
    checkpoints="build/device-wake",
)  # fmt: skip
@click.option(
    "--talk", type=click.Path(file_okay=False, path_type=Path),
    help="Folder with one folder of recordings per speaker in which the word is not said.",
)  # fmt: skip
def main(
    data: Path | None, talk: Path | None, output: Path, results: Path, checkpoints: Path
) -> None:
    """Train a network for "computer" in each of five folds, and test every clip once."""
    console = Console()
    torch.set_num_threads(1)
    try:
        with console.status("Reading recordings"):
            clips = load_clips(data, talk)
        log_of = cache(lambda clip: device_front_end().log_mel(clip.pcm))
        folds = [fold_of(clips, fold, log_of, checkpoints, console) for fold in range(COUNT)]
    except (ValueError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from error
    network, table = summary(folds)
    save_network(network, output)
    write_atomically(results, json.dumps(table, indent=2) + "\n")
    point = summed([one.own for one in folds])
    console.print(
        f"{point.missed} of {point.words} words missed, {point.false_accepts} false accepts in "
        f"{point.hours:.2f} hours, {table['reduction']:.1f}x fewer fetches"
    )


if __name__ == "__main__":
    main()
