"""A wake word in folds in which every clip is tested once, and the network of the first.

``python -m thresh.training.device.wake_recipe --data DIR --talk TALK``
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import click
import torch
from rich.console import Console

from thresh.audio.decimator import Decimator
from thresh.audio.operating import Stream, operating_point
from thresh.audio.spotter import NEVER, Spotter
from thresh.model.files import write_atomically
from thresh.model.model_file import save_network
from thresh.model.network import Network
from thresh.training.exam.folds import COUNT
from thresh.training.sets.keywords import Clip
from thresh.training.tasks.integers import in_integers
from thresh.training.tasks.training import make_net
from thresh.training.trainer.loop import train, unheard
from thresh.training.trainer.net import Net
from thresh.training.trainer.scoring import evaluate
from thresh.training.trainer.work import Work

from .computer import NAME, Computer, load_clips, load_synthesised
from .options import recipe_options
from .spoken import LogOf, device_front_end
from .wake import AGAIN, DELTA, PLAIN, SHIFT
from .wake_exam import REST, point_of, points_of, streams_of, summed, told

COMMAND = (
    "python -m thresh.training.device.wake_recipe --data DIR --talk TALK ... --synthesised DIR"
)
"""What made the network and its results."""

STAGES = (
    replace(PLAIN, epochs=20, size=32),
    replace(DELTA, epochs=14, size=32),
    *(replace(AGAIN, name=f"again {number}", epochs=7, size=32) for number in (1, 2)),
)
"""Trainings of a network, one after the other; between them it finds what is hardest. An epoch has
more of everything else than a user's, and there are fewer."""

WANTED = 0.5
"""False accepts per hour."""

ROOMS = 3
"""Draws the rooms in which every clip of the test is heard again."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Fold:
    """The network of a fold, and what it hears in its test.

    Parameters
    ----------
    network : Network
        With a microphone, and no decision yet.
    streams, elsewhere : list of Stream
        The test as recorded, and every clip of it in another room.
    work : Work
    """

    network: Network
    streams: list[Stream]
    elsewhere: list[Stream]
    work: Work


def trained(
    task: Computer, folder: Path, report: Callable[[str], Callable[..., None]] = lambda _: unheard
) -> Net:
    """The delta network of a fold."""
    torch.manual_seed(1)
    net = make_net(task)
    for number, stage in enumerate(STAGES):
        place = folder / f"{stage.name}.pt"
        train(net, task, stage, seed=1, checkpoint=place, report=report(stage.name))
        if stage is not STAGES[-1]:
            (task.refined if number else task.pretrained)(net)
    return net


def fold_of(
    clips: list[Clip], fold: int, log_of: LogOf, folder: Path, console: Console,
    more: Sequence[Clip] = (), partition: int = 0,
) -> Fold:  # fmt: skip
    """The network of a fold, and what it hears in its test; arguments as `Computer` has them."""

    def report(stage: str) -> Callable[..., None]:
        return lambda epoch, loss, outcome: console.print(
            f"fold {fold}, {stage}: epoch {epoch + 1}, loss {loss:.4f}"
        )

    task = Computer(clips, fold, log_of, more, partition)
    network, exact = in_integers(trained(task, folder / f"fold{fold}", report), task)
    items = task.items("test")
    return Fold(
        network=replace(network, microphone=Decimator().to_dict()),
        streams=streams_of(exact, network, items),
        elsewhere=streams_of(exact, network, task.elsewhere("test", ROOMS)),
        work=evaluate(exact, task, items).work,
    )


def threshold_for(folds: list[Fold], fold: int, rate: float = WANTED) -> int:
    """Of fewest misses with at most so many false accepts per hour in the tests of all others."""
    others = [one for number, one in enumerate(folds) if number != fold]
    points = points_of([stream for one in others for stream in one.streams])
    return operating_point(points, rate).threshold


def summary(folds: list[Fold], partition: int = 0) -> tuple[Network, dict[str, Any]]:
    """The network of the first fold with its decision, and all folds together as JSON.

    Parameters
    ----------
    folds : list of Fold
    partition : int
        As `Computer` has it.
    """
    command = COMMAND + (f" --partition {partition}" if partition else "")
    points = points_of([stream for one in folds for stream in one.streams])
    thresholds = [threshold_for(folds, number) for number in range(len(folds))]
    own = list(map(point_of, (one.streams for one in folds), thresholds))
    stricter = [
        point_of(one.streams, threshold_for(folds, number, WANTED / 2))
        for number, one in enumerate(folds)
    ]
    elsewhere = list(map(point_of, (one.elsewhere for one in folds), thresholds))
    work = sum((one.work for one in folds), Work())
    notes = {
        "licence": Computer.licence, "split": Computer.split, "inputs": Computer.inputs_are,
        "wake_word": NAME, "seed": 1, "command": command,
        "missed": f"{own[0].missed} of {own[0].words} of the fold's test",
        "false_accepts": f"{own[0].false_accepts} in {own[0].hours:.2f} h of it",
        "reduction": round(folds[0].work.reduction, 2),
    }  # fmt: skip
    table = {
        "command": command, "word": NAME, "split": Computer.split, "folds": len(folds),
        "false_per_hour_wanted": WANTED, **told(summed(own)), "elsewhere": told(summed(elsewhere)),
        "half_the_rate": told(summed(stricter)),
        "reduction": work.reduction, "inputs_fire": work.fired_x, "states_fire": work.fired_h,
        "by_fold": [told(one) for one in own],
        "one_threshold": [told(operating_point(points, rate)) for rate in (WANTED, 1.0, 2.5)],
        "curve": [
            {"threshold": one.threshold, "misses": one.misses, "false_per_hour": one.per_hour}
            for one in points
        ],
    }  # fmt: skip
    settings = Spotter(shift=SHIFT, thresholds=(NEVER, thresholds[0]), refractory=(0, REST))
    return replace(folds[0].network, notes=notes, spotter=settings.to_dict()), table


@click.command()
@recipe_options(
    model="examples/wake-computer-gru128.safetensors", results="docs/results/device-wake.json",
    checkpoints="build/device-wake",
)  # fmt: skip
@click.option(
    "--talk", type=click.Path(file_okay=False, path_type=Path), multiple=True,
    help="Folder with one folder of recordings per speaker in which the word is not said.",
)  # fmt: skip
@click.option(
    "--synthesised", type=click.Path(file_okay=False, path_type=Path),
    help="What thresh.training.device.synthesised has written: trains, and tests nothing.",
)  # fmt: skip
@click.option(
    "--partition", type=click.IntRange(0), default=0, show_default=True,
    help="Draws which clips are in which fold. Of another than 0 nothing ships: no network is "
    "written, and the table's name ends in -again.",
)  # fmt: skip
def main(
    data: Path | None, talk: tuple[Path, ...], synthesised: Path | None, partition: int,
    output: Path, results: Path, checkpoints: Path,
) -> None:  # fmt: skip
    """Train a network for "computer" in each of five folds, and test every clip once."""
    console = Console()
    torch.set_num_threads(1)
    try:
        with console.status("Reading recordings"):
            clips = load_clips(data, talk)
            more = load_synthesised(synthesised) if synthesised else []
        log_of = cache(lambda clip: device_front_end().log_mel(clip.pcm))
        folder = checkpoints / f"again{partition}" if partition else checkpoints
        folds = [
            fold_of(clips, fold, log_of, folder, console, more, partition) for fold in range(COUNT)
        ]
    except (ValueError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from error
    network, table = summary(folds, partition)
    if partition:
        results = results.with_stem(f"{results.stem}-again")
    else:
        save_network(network, output)
    write_atomically(results, json.dumps(table, indent=2) + "\n")
    console.print(
        f"{table['missed']} of {table['words']} words missed, {table['false_accepts']} false "
        f"accepts in {table['hours']:.2f} hours, {table['reduction']:.1f}x fewer fetches"
    )


if __name__ == "__main__":
    main()
