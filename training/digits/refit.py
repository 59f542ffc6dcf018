"""A trained network behind another front end: offsets and scales fitted, weights as they are.

``python -m thresh.training.digits.refit MODEL --data DIR -o FILE`` puts the front end for gateware
before a network that learned with log-mel features, whose mean and deviation are the same, a PDM
microphone before that, and chooses when a digit is announced.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from thresh.audio.front_ends import NAMES, AnyFrontEnd, raw_front_end, read_front_end
from thresh.model.model_file import load_network, save_network
from thresh.model.network import Network
from thresh.training.device.announced import announcing
from thresh.training.sets.fsdd import Recording, data_directory, load_fsdd
from thresh.training.trainer.batches import Item
from thresh.training.trainer.export import from_network
from thresh.training.trainer.scoring import Outcome, evaluate

from .material import SpokenDigits, corpus_of
from .recipe import VALIDATION, keep, row_of

COMMAND = "python -m thresh.training.digits.refit MODEL --data DIR -o FILE"
"""What made a refitted network."""

ROW = "refitted"
"""Its row in the table of the digits."""

QUIET = 2400
"""Samples of silence before and after a recording on which announcements are chosen: 0.3 s."""

REFRACTORY = 50
"""Steps after an announcement without another: half a second."""


def refitted(network: Network, raw: AnyFrontEnd, recordings: list[np.ndarray]) -> Network:
    """``network`` with ``raw`` fitted to recordings as its front end.

    Parameters
    ----------
    network : Network
    raw : front end
    recordings : list of ndarray of int16
        Of the training set, at the front end's rate.

    Raises
    ------
    ValueError
        When the front end has another number of bands than the network has inputs.
    """
    if raw.bands != network.inputs:
        raise ValueError(
            f"A front end of {raw.bands} bands cannot feed the {network.inputs} inputs of "
            f"{network.name}"
        )
    fitted = raw.fitted(np.concatenate([raw.log_mel(pcm) for pcm in recordings]))
    # What was measured with the front end before holds no longer.
    kept = {
        name: note for name, note in network.notes.items() if name in ("licence", "seed", "command")
    }
    notes = kept | {"refitted": COMMAND}
    return replace(network, front_end=fitted.to_dict(), notes=notes)


def between_silences(network: Network, spoken: list[Recording]) -> list[Item]:
    """Each recording between two silences, as the network's front end gives it."""
    front_end = read_front_end(network.front_end)
    quiet = np.zeros(QUIET, np.int16)
    items = []
    for one in spoken:
        x = front_end.features(np.concatenate((quiet, one.pcm, quiet)))
        items.append(Item(x=(x / 2.0**front_end.x_frac).astype(np.float32), target=one.digit))
    return items


def outcome_of(network: Network, spoken: list[Recording]) -> Outcome:
    """What the integers of a network make of recordings, one after the other."""
    front_end = read_front_end(network.front_end)
    task = SpokenDigits(front_end=front_end, corpora={}, decision=network.decision)
    return evaluate(from_network(network), task, corpus_of(spoken, front_end).items())


def refitted_row(
    network: Network, validation: list[Recording], test: list[Recording]
) -> dict[str, Any]:
    """Its row in the table of the digits."""
    gru, outcomes = network.layers[0], [outcome_of(network, one) for one in (test, validation)]
    return row_of(*outcomes, VALIDATION) | {
        "network": ROW, "recordings": len(test),
        "threshold_x": gru.threshold_x / 2**gru.x_frac,
        "threshold_h": gru.threshold_h / 2**gru.h_frac,
        "quantised": True, "seed": network.notes.get("seed", 1), "command": COMMAND,
    }  # fmt: skip


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), help="Folder of FSDD recordings.")
@click.option(
    "--front-end", "kind", type=click.Choice(NAMES), default="magnitude-mel", show_default=True
)
@click.option(
    "-o", "output", type=click.Path(dir_okay=False, path_type=Path), required=True,
    help="Model file to write.",
)  # fmt: skip
@click.option(
    "--results", "table", type=click.Path(dir_okay=False, path_type=Path),
    default=Path("docs/results/digits.json"), show_default=True, help="Table of results to write.",
)  # fmt: skip
def main(model: Path, data: Path | None, kind: str, output: Path, table: Path) -> None:
    """Put another front end, fitted to FSDD's training split, before MODEL, and set the device.

    It is scored once on the test split.
    """
    try:
        home = data_directory(data)
        recordings = [one.pcm for one in load_fsdd(home, "train")]
        network = refitted(load_network(model), raw_front_end(kind), recordings)
        validation, test = (load_fsdd(home, split) for split in ("validation", "test"))
        items = between_silences(network, validation)
        network, fit = announcing(network, items, rest=REFRACTORY)
        notes = network.notes | {"announced_rightly": f"{fit.right} of {fit.clips} of validation"}
        save_network(replace(network, notes=notes), output)
        keep(table, [refitted_row(network, validation, test)], replaces=(ROW,))
    except (ValueError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from error


if __name__ == "__main__":
    main()
