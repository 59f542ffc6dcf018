"""``thresh score``: how well a network hears a word, or tells its classes apart."""

from pathlib import Path

import click

import thresh
from thresh.data.inputs import SPLITS, load_inputs
from thresh.network import Network
from thresh.tuning.spotting import announced

from .output import given, json_option, note, note_inputs, show_report

PAGE, MODEL = ".html", ".safetensors"


@click.command("score")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("source", metavar="AUDIO", type=click.Path(path_type=Path))
@click.option("--word", help="Class that is scored; the only one announced if none.")
@click.option(
    "--false-per-hour", type=float, default=0.5, show_default=True,
    help="False accepts that the threshold may have.",
)  # fmt: skip
@click.option("--split", type=click.Choice(SPLITS), default="all", help="Part of a folder.")
@click.option(
    "-o", "--output", "outputs", multiple=True, type=click.Path(path_type=Path),
    help="A page with the curve (.html), or MODEL with the threshold (.safetensors); repeatable.",
)  # fmt: skip
@json_option
def command(
    model: Path, source: Path, word: str | None, false_per_hour: float, split: str,
    outputs: tuple[Path, ...], as_json: bool,
) -> None:  # fmt: skip
    """Say how well MODEL hears AUDIO.

    For a wake word: misses and false accepts per hour over all thresholds of the decision, and the
    threshold of fewest misses with at most --false-per-hour. AUDIO is a folder with one folder of
    clips per word, of which one is named as the word; a folder of clips whose names begin with
    theirs; or one recording, however long, in which the word is never said. It is heard as a device
    does, one clip after the other.

    A network that announces several classes, or none, is scored for --word; without it the table
    shows which class is heard as which, and AUDIO may be all that `thresh golden` takes.
    """
    for path in outputs:
        if path.suffix not in (PAGE, MODEL):
            raise ValueError(f"{path.name} must end in {PAGE} for a page or {MODEL} for a model")
    network = thresh.load(model)
    if word is None and len(announced(network.integers)) != 1:
        if any(path.suffix == MODEL for path in outputs):
            raise click.UsageError("A threshold is chosen for one word: name it with --word.")
        if given("false_per_hour"):
            raise click.UsageError("--false-per-hour is for one word: name it with --word.")
        inputs = load_inputs(source, network.integers, split=split)
        note_inputs(inputs)
        confusion = network.confusion(inputs, progress=True)
        for path in outputs:
            confusion.to_html(path)
        show_report(confusion, as_json=as_json)
        return
    if split != "all":
        raise click.UsageError(
            "--split is for the table of classes; a word is heard in all of AUDIO."
        )
    found = network.spot(source, word, false_per_hour=false_per_hour, progress=True)
    for path in outputs:
        if path.suffix == PAGE:
            found.to_html(path)
        else:
            Network(found.tuned()).save(path)
    show_report(found, as_json=as_json)
    if any(path.suffix == MODEL for path in outputs):
        note(
            f"note: the threshold was chosen on {source.name}: measure misses and false accepts "
            f"on other recordings"
        )
