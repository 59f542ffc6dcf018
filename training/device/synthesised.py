"""Synthesised speech to train with: a word in many voices, and talk full of what sounds like it.

``python -m thresh.training.device.synthesised DIR --dictionaries DICTIONARIES`` writes what the
wake word's recipe hears.
"""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import numpy as np

from thresh.model.files import write_atomically

from .languages import DICTIONARIES, vocabulary

WORD = "computer"
"""The word, and its folder; everything else is in `TALK`."""

TALK = "talk"

WORDS, SENTENCES = (40, 60), (360, 360)
"""How often Flite and eSpeak NG say the word, and how many sentences."""

FOREIGN = 50
"""Sentences of each other language, of its own words."""

LENGTH, NEAR_SHARE = 9, 0.3
"""Words of a sentence, and the share of them that sound like the word."""

SEED = 5

FLITE = ("kal16", "awb", "rms", "slt")
"""Voices of Flite."""

ENGLISH = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-029")
OTHERS = ("de", "fr", "es", "it", "pl", "nl", "pt", "sv", "cs")
"""Languages of eSpeak NG; the second read English with an accent, and do not say the word."""

VARIANTS = (
    "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5", "Alex", "Andy",
    "Annie", "belinda", "Denis", "Gene", "Hugo", "iven", "john", "Lee", "linda", "Mario", "max",
    "Michael",
)  # fmt: skip
"""Voices of eSpeak NG."""

NEAR = """
    commuter commute compute computing computed computes computation compete competitor
    competent composer compose commuters community communist common committee complete
    completer compare comparison pewter tutor cuter putter butter scooter shooter suitor neuter
    router recruiter peter pusher future creature picture nature mute muted amputee repute
    reputed dispute disputed imputed deputy come compactor comptroller commander customer
    consumer compiler compass company companion comfort comforter con puta pupil puter comrade
    combat combine jupiter her confuse confuser concluder intruder peninsula accuse cube
    compound comp tour commodore komputa impute permuter transmuter conductor contour counter
    cucumber
"""
"""What sounds like the word, or like a part of it."""

COMMON = """
    the a of and to in that it is was for on are with as they be at one have this from by hot
    but what some we can out other were all there when up use your how said an each she which
    do their time if will way about many then them write would like so these long make thing
    see him two has look more day could go number sound no most people my over know water than
    call first who may down side been now find any new work part take get place made live where
    after back little only round man year came show every good me give our under name very
    through just form sentence great think say help low line differ turn cause much mean before
    move right boy old too same tell does set three want air well also play small end put home
    read hand port large spell add even land here must big high such follow act why ask men
    change went light kind off need house try us again animal point mother world near build
"""
"""What most sentences are made of."""


def sentence(
    draw: np.random.Generator, near: Sequence[str] = tuple(NEAR.split()),
    common: Sequence[str] = tuple(COMMON.split()),
) -> str:  # fmt: skip
    """Words without a sense, some of which sound like the word."""
    lists = (near if draw.random() < NEAR_SHARE else common for _ in range(LENGTH))
    return " ".join(words[int(draw.integers(len(words)))] for words in lists)


def by_flite(text: str, draw: np.random.Generator) -> list[str]:
    """A command that says a text in a voice, tempo and pitch of Flite, without its ``-o FILE``."""
    stretch, pitch = draw.uniform(0.8, 1.25), draw.uniform(80, 225)
    return [
        "flite", "-voice", str(draw.choice(FLITE)), "--setf", f"duration_stretch={stretch:.2f}",
        "--setf", f"int_f0_target_mean={pitch:.0f}", "-t", text, "-o",
    ]  # fmt: skip


def by_espeak(
    text: str, draw: np.random.Generator, languages: tuple[str, ...] = ENGLISH
) -> list[str]:
    """A command that says a text in a voice, tempo and pitch of eSpeak NG, without its file."""
    voice = f"{draw.choice(languages)}+{draw.choice(VARIANTS)}"
    speed, pitch = draw.integers((115, 20), (215, 81))
    return ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), text, "-w"]


def commands(dictionaries: Path | None = None) -> Iterator[tuple[str, list[str]]]:
    """Every recording's folder, and the command that makes it, its file still missing.

    Parameters
    ----------
    dictionaries : Path, optional
        Holds what `.languages.DICTIONARIES` names; without it nothing but English is said.
    """
    draw = np.random.default_rng(SEED)
    for _ in range(SENTENCES[0]):
        yield TALK, by_flite(sentence(draw), draw)
    for _ in range(SENTENCES[1]):
        yield TALK, by_espeak(sentence(draw), draw, ENGLISH + OTHERS)
    for _ in range(WORDS[0]):
        yield WORD, by_flite(WORD, draw)
    for _ in range(WORDS[1]):
        yield WORD, by_espeak(WORD, draw)
    if dictionaries is None:
        return
    for language in DICTIONARIES:
        known = vocabulary(dictionaries, language, draw)
        for _ in range(FOREIGN):
            yield TALK, by_espeak(sentence(draw, known.near, known.common), draw, (language,))


def synthesise(folder: Path, dictionaries: Path | None = None) -> int:
    """Write every recording, by the same name always; how many there are.

    Arguments as `commands` has them.

    Raises
    ------
    ValueError
        When a synthesizer is not installed, or does not speak, or a dictionary is missing.
    """
    for program in ("flite", "espeak-ng"):
        if shutil.which(program) is None:
            raise ValueError(f"The speech synthesizer {program} is needed and was not found")
    number = -1
    for number, (name, command) in enumerate(commands(dictionaries)):
        path = folder / name / f"{number:04}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        done = subprocess.run([*command, str(partial)], capture_output=True, text=True)
        if done.returncode or not partial.exists():
            raise ValueError(f"{command[0]} does not speak: {done.stderr.strip() or 'no file'}")
        write_atomically(path, partial.read_bytes())
        partial.unlink()
    return number + 1


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--dictionaries", type=click.Path(file_okay=False, path_type=Path),
    help="Folder of dict/ and hunspell/, as Debian's packages of words have it.",
)  # fmt: skip
def main(folder: Path, dictionaries: Path | None) -> None:
    """Write synthesised recordings of the word and of talk into FOLDER."""
    try:
        count = synthesise(folder, dictionaries)
    except (ValueError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from error
    click.echo(f"{count} recordings in {folder}")


if __name__ == "__main__":
    main()
