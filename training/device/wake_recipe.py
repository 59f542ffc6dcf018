"""A wake word in folds in which every clip is tested once, and the network of the first.

``python -m thresh.training.device.wake_recipe --data DIR --talk TALK``
"""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import click
import torch
from rich.console import Console

from thresh.audio.chain import read_spotter
from thresh.audio.spotter import NEVER, Spotter
from thresh.model.files import write_atomically
from thresh.model.model_file import load_network, save_network
from thresh.model.network import Network
from thresh.training.exam.folds import COUNT
from thresh.training.tasks.spoken import device_front_end

from .computer import NAME, Computer, load_clips, load_synthesised
from .options import recipe_options
from .wake import SHIFT, WORD
from .wake_exam import REST, point_of, points_of, told
from .wake_pieces import SHIPS, Piece, material_of, pieces_of, that_ships
from .wake_verdict import WANTED, chosen, difference_of, kind_of, threshold_for

COMMAND = (
    "python -m thresh.training.device.wake_recipe --data DIR --talk TALK ... --synthesised DIR"
)
"""What made the network and its results."""

SEEDS = (1, 2, 3)

Pieces = dict[int, list[dict[str, Piece]]]
"""Of every seed and fold, the networks by kind."""


def trained(
    make: Callable[[int], Computer], material: int, seeds: tuple[int, ...], folder: Path,
    console: Console,
) -> Pieces:  # fmt: skip
    """The networks of all folds, seed after seed; arguments as `pieces_of` has them."""
    pieces = Pieces()
    for seed, fold in ((seed, fold) for seed in seeds for fold in range(COUNT)):

        def report(stage: str, place: str = f"seed {seed}, fold {fold}") -> Callable[..., None]:
            return lambda epoch, loss, outcome: console.print(
                f"{place}, {stage}: epoch {epoch + 1}, loss {loss:.4f}"
            )

        began = time.process_time()
        found = pieces_of(partial(make, fold), fold, seed, folder, material, report)
        console.print(f"seed {seed}, fold {fold}: {time.process_time() - began:.0f} CPU seconds")
        pieces.setdefault(seed, []).append(found)
    return pieces


def summary(
    pieces: Pieces, partition: int = 0, ships: Piece | None = None
) -> tuple[Network, dict[str, Any]]:
    """The network that ships with its decision, and all folds together as JSON.

    Parameters
    ----------
    pieces : dict of list of dict of Piece
        Of every seed and fold, by kind.
    partition : int
        As `Computer` has it.
    ships : Piece, optional
        The network that ships already.
    """
    command = COMMAND + (f" --partition {partition}" if partition else "")
    if tuple(pieces) != SEEDS:
        command += f" --seeds {','.join(map(str, pieces))}"
    delta, control = (
        {seed: [one[kind] for one in folds] for seed, folds in pieces.items()}
        for kind in ("delta", "control")
    )
    seed, validation = chosen(delta, ships)
    if seed is None:
        assert ships is not None
        network, piece = ships.network, ships
    else:
        network, piece = _decided(delta[seed], seed, command), delta[seed][SHIPS]
    tested = point_of(piece.streams, read_spotter(network).thresholds[WORD])
    table = {
        "command": command, "word": NAME, "split": Computer.split, "folds": COUNT,
        "false_per_hour_wanted": WANTED, **kind_of(delta), "control": kind_of(control),
        "difference": difference_of(delta, control),
        "shipped": {
            "seed": network.notes["seed"], "fold": SHIPS, "of_earlier_training": seed is None,
            "validation": validation, **told(tested), "reduction": piece.work.reduction,
        },
        "curves": {
            str(seed): [
                [one.threshold, one.missed, one.false_accepts]
                for one in points_of([stream for one in folds for stream in one.streams])
            ]
            for seed, folds in delta.items()
        },
    }  # fmt: skip
    return network, table


def _decided(folds: list[Piece], seed: int, command: str) -> Network:
    """The network of a seed that ships, with its decision and what is known of it."""
    piece, threshold = folds[SHIPS], threshold_for(folds, SHIPS)
    tested = point_of(piece.streams, threshold)
    notes = {
        "licence": Computer.licence, "split": Computer.split, "inputs": Computer.inputs_are,
        "wake_word": NAME, "seed": seed, "command": command,
        "missed": f"{tested.missed} of {tested.words} of the fold's test",
        "false_accepts": f"{tested.false_accepts} in {tested.hours:.2f} h of it",
        "reduction": round(piece.work.reduction, 2),
    }  # fmt: skip
    settings = Spotter(shift=SHIFT, thresholds=(NEVER, threshold), refractory=(0, REST))
    return replace(piece.network, notes=notes, spotter=settings.to_dict())


def numbers(context: click.Context, option: click.Parameter, text: str) -> tuple[int, ...]:
    """Seeds between commas."""
    try:
        found = tuple(int(word) for word in text.split(","))
    except ValueError as error:
        raise click.BadParameter(f"numbers between commas are wanted, not {text!r}") from error
    if min(found) < 0 or len(set(found)) < len(found):
        raise click.BadParameter(f"different numbers from 0 are wanted, not {text!r}")
    return found


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
@click.option(
    "--seeds", callback=numbers, default=",".join(map(str, SEEDS)), show_default=True,
    help="Every fold is trained with each, one seed after the other.",
)  # fmt: skip
def main(
    data: Path | None, talk: tuple[Path, ...], synthesised: Path | None, partition: int,
    seeds: tuple[int, ...], output: Path, results: Path, checkpoints: Path,
) -> None:  # fmt: skip
    """Train networks for "computer", and plain controls, in five folds; test every clip once.

    What is trained already, to the last epoch, is not trained again. A network of the same
    recordings that ships already is replaced only by one that is better on validation.
    """
    console = Console()
    torch.set_num_threads(1)
    folder = checkpoints / f"again{partition}" if partition else checkpoints
    try:
        with console.status("Reading recordings"):
            clips = load_clips(data, talk)
            more = load_synthesised(synthesised) if synthesised else []
        log_of = cache(lambda clip: device_front_end().log_mel(clip.pcm))

        def task(fold: int) -> Computer:
            return Computer(clips, fold, log_of, more, partition)

        material = material_of(clips, more, partition)
        pieces = trained(task, material, seeds, folder, console)
        ships = None
        if output.exists() and not partition:
            ships = that_ships(load_network(output), task(SHIPS))
        network, table = summary(pieces, partition, ships)
        if partition:
            results = results.with_stem(f"{results.stem}-again")
        elif not table["shipped"]["of_earlier_training"]:
            save_network(network, output)
        write_atomically(results, json.dumps(table, indent=2) + "\n")
    except (ValueError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from error
    for name, one in (("delta", table), ("control", table["control"])):
        console.print(
            f"{name}: {one['missed']} of {one['words']} words missed, {one['false_accepts']} false "
            f"accepts in {one['hours']:.2f} hours, {one['reduction']:.1f}x fewer fetches"
        )


if __name__ == "__main__":
    main()
