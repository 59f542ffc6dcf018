"""A wake word in folds in which every clip is tested once, and the network of the first.

``python -m thresh.training.device.wake_recipe --data DIR``
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from rich.console import Console

from thresh.audio.announcements import smoothed
from thresh.audio.decimator import Decimator
from thresh.audio.operating import Point, Stream, curve, operating_point, spans_of
from thresh.audio.spotter import NEVER, Spotter
from thresh.model.files import write_atomically
from thresh.model.model_file import save_network
from thresh.model.network import Network
from thresh.training.exam.folds import COUNT
from thresh.training.sets.keywords import Clip
from thresh.training.tasks.integers import in_integers
from thresh.training.tasks.training import pretrain, refine
from thresh.training.trainer.batches import Item
from thresh.training.trainer.loop import unheard
from thresh.training.trainer.net import Net
from thresh.training.trainer.scoring import evaluate, integer_outputs
from thresh.training.trainer.stage import Stage
from thresh.training.trainer.work import Work

from .computer import NAME, Computer, load_clips
from .spoken import LogOf, device_front_end
from .wake import ELSE, SHIFT, WORD

COMMAND = "python -m thresh.training.device.wake_recipe --data DIR"
"""What made the network and its results."""

PIECE, TAIL, REST = 6000, 50, 100
"""Steps heard in one go, those after a word in which it may still be announced, and of a rest."""

WANTED = 0.5
"""False accepts per hour."""

DELTA = Stage(
    name="delta", epochs=16, rate=1.5e-3, threshold_x=0.45, threshold_h=0.35, activity_h=4.0,
    rise=0.25, dropout=0.2,
)  # fmt: skip
"""The delta network, after the plain one."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Fold:
    """The network of a fold with the threshold that its validation chose, and its test."""

    network: Network
    streams: list[Stream]
    own: Point
    work: Work


def streams_of(exact: Net, network: Network, items: list[Item]) -> list[Stream]:
    """Clips one after the other in an order that is drawn once, and where the words are."""
    order = [items[place] for place in np.random.default_rng(0).permutation(len(items))]
    ends = np.cumsum([len(item.x) for item in order])
    streams = []
    for piece in np.unique(ends // PIECE):
        own = [item for item, end in zip(order, ends, strict=True) if end // PIECE == piece]
        places = np.cumsum([0] + [len(item.x) for item in own]).tolist()
        words = [
            (places[n], places[n + 1]) for n, item in enumerate(own) if item.target == WORD
        ]  # fmt: skip
        joined = Item(x=np.concatenate([item.x for item in own]), target=ELSE)
        (outputs,) = integer_outputs(exact, [joined], network.output_frac)
        spans = [(first, min(last, len(outputs))) for first, last in spans_of(words, TAIL)]
        streams.append(Stream(scores=smoothed(outputs, SHIFT), spans=tuple(spans)))
    return streams


def trained(
    task: Computer, folder: Path, report: Callable[[str], Callable[..., None]] = lambda _: unheard
) -> Net:
    """The delta network of a fold."""
    plain = pretrain(task, seed=1, checkpoint=folder / "plain.pt", report=report("plain"))
    return refine(
        plain, task, DELTA, seed=1, checkpoint=folder / "delta.pt", report=report("delta")
    )


def points_of(streams: list[Stream]) -> list[Point]:
    """Misses and false accepts of the word at every threshold."""
    return curve(streams, WORD, refractory=REST, steps_per_hour=360_000)


def fold_of(clips: list[Clip], fold: int, log_of: LogOf, folder: Path, console: Console) -> Fold:
    """The network of a fold with the threshold that its validation chooses, and its test."""

    def report(stage: str) -> Callable[..., None]:
        return lambda epoch, loss, outcome: console.print(
            f"fold {fold}, {stage}: epoch {epoch + 1}, loss {loss:.4f}"
        )

    task = Computer(clips, fold, log_of)
    network, exact = in_integers(trained(task, folder / f"fold{fold}", report), task)
    chosen = operating_point(
        points_of(streams_of(exact, network, task.items("validation"))), WANTED
    )
    settings = Spotter(shift=SHIFT, thresholds=(NEVER, chosen.threshold), refractory=(0, REST))
    network = replace(
        network, microphone=Decimator().to_dict(), spotter=settings.to_dict()
    )  # fmt: skip
    streams = streams_of(exact, network, task.items("test"))
    (own,) = curve(
        streams, WORD, refractory=REST, steps_per_hour=360_000, thresholds=[chosen.threshold]
    )  # fmt: skip
    work = evaluate(exact, task, task.items("test")).work
    return Fold(network=network, streams=streams, own=own, work=work)


def told(point: Point) -> dict[str, Any]:
    """A point as JSON."""
    return {
        "threshold": point.threshold, "missed": point.missed, "words": point.words,
        "misses": point.misses, "misses_interval_95": point.misses_interval,
        "false_accepts": point.false_accepts, "hours": point.hours,
        "false_per_hour": point.per_hour, "false_per_hour_limit_95": point.per_hour_limit,
    }  # fmt: skip


def summed(points: list[Point]) -> Point:
    """Several folds' points as one, at the threshold of the first."""
    return replace(
        points[0],
        **{name: sum(getattr(one, name) for one in points)
           for name in ("missed", "words", "false_accepts", "hours")},
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
        "reduction": work.reduction, "inputs_fire": work.fired_x, "states_fire": work.fired_h,
        "by_fold": [told(one.own) for one in folds],
        "one_threshold": told(operating_point(points, WANTED)),
        "curve": [
            {"threshold": one.threshold, "misses": one.misses, "false_per_hour": one.per_hour}
            for one in points
        ],
    }  # fmt: skip
    return replace(first.network, notes=notes), table


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the data sets.")
@click.option(
    "--talk", type=click.Path(file_okay=False, path_type=Path),
    help="Folder with one folder of recordings per speaker in which the word is not said.",
)  # fmt: skip
@click.option(
    "-o", "output", type=click.Path(dir_okay=False, path_type=Path),
    default=Path("build/device-wake/wake-computer-gru64.safetensors"), show_default=True,
    help="Model file to write.",
)  # fmt: skip
@click.option(
    "--results", type=click.Path(dir_okay=False, path_type=Path),
    default=Path("build/device-wake/device-wake.json"), show_default=True, help="Table to write.",
)  # fmt: skip
@click.option(
    "--checkpoints", type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/device-wake"), show_default=True, help="Where training goes on from.",
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
