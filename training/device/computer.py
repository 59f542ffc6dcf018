"""Recordings of "computer", and of everything that it is told apart from, in five folds."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from thresh.data.audio_file import clips_in, is_audio, read_audio
from thresh.training.exam.folds import divide
from thresh.training.sets.find import folder_of
from thresh.training.sets.keywords import CLASSES, SILENCE, Clip, load_keywords
from thresh.training.sets.rooms import Elsewhere
from thresh.training.tasks.spoken import ROOMS_SEED, LogOf
from thresh.training.trainer.batches import Item

from . import synthesised
from .wake import ELSE, NOISE, OVER, WORD, WakeWord

ORIGIN = "https://github.com/Picovoice/wake-word-benchmark as one folder of FLAC files per word"
"""Where the recordings of the words come from; licence Apache-2.0."""

NAME, NEAR = "computer", "jarvis"
"""The word, and another wake word that is none."""

EMPTY, SHORTEST, LONGEST, QUIET = 100, 1720, 80_000, 50
"""Bytes of a file of talk without samples, samples at 8 kHz of the shortest and longest piece, and
the least peak of one: what is empty or digital silence counts no hours."""


class Computer(WakeWord):
    """Clips of "computer" against everything else, in one of five folds.

    Parameters
    ----------
    clips : list of Clip
        Shared out among the folds by speaker: a fifth tests, and the others train.
    fold : int
    log_of : callable
        As `SpokenClips` has it.
    more : sequence of Clip
        They train in every fold, and test in none.
    partition : int
        Draws which clips are in which fold.
    """

    name, model = "wake-computer", "wake-computer-gru128"
    units = 128
    licence = (
        "as what it learned from, none of which is in it: Asterisk's prompts (CC BY-SA 3.0, CC BY "
        "3.0, GPL-2, BSD), KDE's games (GPL-2), Fish Fillets (GPL-2), Hedgewars (GFDL 1.3), "
        "Picovoice's clips (Apache-2.0) and Speech Commands (CC BY 4.0, P. Warden)"
    )
    split = "five folds over clips and speakers: each tests once the network that the others train"
    inputs_are = "20 bands of magnitudes at 100 frames a second (the front end is in the file)"

    def __init__(
        self, clips: list[Clip], fold: int, log_of: LogOf, more: Sequence[Clip] = (),
        partition: int = 0,
    ) -> None:  # fmt: skip
        self.sides = divide(clips, [clip.speaker for clip in clips], fold, seed=partition)
        self.sides["train"] = [*self.sides["train"], *self.sides["validation"], *more]
        self.log_of = log_of
        super().__init__(self.sides, NAME, log_of)

    def elsewhere(self, side: str, seed: int) -> list[Item]:
        """Clips of ``"validation"`` or ``"test"``, every one in another room with a noise."""
        draw = np.random.default_rng([ROOMS_SEED, seed])
        logs = [
            Elsewhere.drawn(self.noises, draw, noisy=1.0, over=OVER).of(self.log_of(clip))
            for clip in self.sides[side]
        ]
        return [
            replace(item, x=self._features(log))
            for item, log in zip(self.items(side), logs, strict=True)
        ]


def load_clips(directory: Path | None, talk: Sequence[Path] = ()) -> list[Clip]:
    """Clips of the word, of the other word, of all keywords, and of everything else; 8 kHz.

    Parameters
    ----------
    directory : Path or None
        Of the data sets.
    talk : sequence of Path
        Each with one folder per speaker of recordings, at any depth, in which the word is not said.

    Raises
    ------
    ValueError
        When a folder is missing.
    """
    home = folder_of(directory, "wake", (NAME, NEAR), ORIGIN)
    clips = [
        Clip(pcm=read_audio(path, 8000)[0], label=label, speaker=path.stem)
        for name, label in ((NAME, WORD), (NEAR, ELSE)) for path in clips_in(home / name)
    ]  # fmt: skip
    classes = {CLASSES.index(SILENCE): NOISE}
    clips += [
        replace(clip, label=classes.get(clip.label, ELSE))
        for clip in load_keywords(directory, 8000)
    ]
    return clips + [clip for folder in talk for clip in load_talk(folder)]


def load_synthesised(folder: Path) -> list[Clip]:
    """What `thresh.training.device.synthesised` has written.

    Raises
    ------
    ValueError
        When it has not.
    """
    if not (folder / synthesised.WORD).is_dir():
        raise ValueError(
            f"{folder} must be written by python -m thresh.training.device.synthesised"
        )
    return [
        Clip(pcm=read_audio(path, 8000)[0], label=label, speaker="synthesised")
        for name, label in ((synthesised.TALK, ELSE), (synthesised.WORD, WORD))
        for path in clips_in(folder / name)
    ]


def load_talk(folder: Path) -> list[Clip]:
    """Recordings by speaker in pieces of `LONGEST` or less, without what holds next to nothing."""
    speakers = sorted(one for one in folder.iterdir() if one.is_dir() and not one.is_symlink())
    if not speakers:
        raise ValueError(f"{folder} must hold one folder of recordings per speaker")
    paths = [
        (path, f"{folder.parent.name}/{folder.name}/{speaker.name}") for speaker in speakers
        for path in sorted(speaker.rglob("*"))
        if is_audio(path) and path.stat().st_size > EMPTY and not path.is_symlink()
    ]  # fmt: skip
    pieces = [
        (pcm[first : first + LONGEST], speaker) for path, speaker in paths
        for pcm in (read_audio(path, 8000)[0],) for first in range(0, len(pcm), LONGEST)
    ]  # fmt: skip
    return [
        Clip(pcm=pcm, label=ELSE, speaker=speaker)
        for pcm, speaker in pieces
        if len(pcm) >= SHORTEST and np.abs(pcm.astype(int)).max() >= QUIET
    ]
