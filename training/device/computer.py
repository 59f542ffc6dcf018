"""Recordings of "computer", and of everything that it is told apart from, in five folds."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from thresh.data.audio_file import clips_in, is_audio, read_audio
from thresh.training.exam.folds import divide
from thresh.training.sets.find import folder_of
from thresh.training.sets.keywords import CLASSES, SILENCE, Clip, load_keywords

from .spoken import LogOf
from .wake import ELSE, NOISE, WORD, WakeWord

ORIGIN = "https://github.com/Picovoice/wake-word-benchmark as one folder of FLAC files per word"
"""Where the recordings of the words come from; licence Apache-2.0."""

NAME, NEAR = "computer", "jarvis"
"""The word, and another wake word that is none."""

SHORTEST, QUIET = 2000, 50
"""Bytes of the shortest file of talk, and its least peak: digital silence counts no hours."""


class Computer(WakeWord):
    """Clips of "computer" against those of "jarvis" and of all keywords, in one of five folds."""

    name, model = "wake-computer", "wake-computer-gru64"
    pretraining = 28
    licence = "Apache-2.0 and CC BY 4.0: trained on Picovoice's clips and on Speech Commands"
    split = "five folds over clips and speakers: each tests once, the next one chooses thresholds"
    inputs_are = "20 bands of magnitudes at 100 frames a second (the front end is in the file)"

    def __init__(self, clips: list[Clip], fold: int, log_of: LogOf) -> None:
        sides = divide(clips, [clip.speaker for clip in clips], fold)
        super().__init__(sides, NAME, log_of)


def load_clips(directory: Path | None, talk: Path | None = None) -> list[Clip]:
    """Clips of the word, of the other word, of all keywords, and of people who talk; 8 kHz.

    Parameters
    ----------
    directory : Path or None
        Of the data sets.
    talk : Path, optional
        One folder per speaker with recordings, at any depth, in which the word is not said.

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
    return clips + (load_talk(talk) if talk else [])


def load_talk(folder: Path) -> list[Clip]:
    """Recordings by speaker, those left out that are shorter than `SHORTEST` or hold nothing."""
    speakers = sorted(one for one in folder.iterdir() if one.is_dir() and not one.is_symlink())
    if not speakers:
        raise ValueError(f"{folder} must hold one folder of recordings per speaker")
    paths = [
        (path, speaker.name) for speaker in speakers for path in sorted(speaker.rglob("*"))
        if is_audio(path) and path.stat().st_size >= SHORTEST
    ]  # fmt: skip
    read = [(read_audio(path, 8000)[0], speaker) for path, speaker in paths]
    return [
        Clip(pcm=pcm, label=ELSE, speaker=speaker)
        for pcm, speaker in read if np.abs(pcm.astype(int)).max() >= QUIET
    ]  # fmt: skip
