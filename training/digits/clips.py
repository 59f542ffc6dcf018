"""Spoken digits from the free speech synthesizer eSpeak NG.

``python -m thresh.training.digits.clips DIR`` writes the clips that ship with the project.
"""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from thresh.data.audio_file import read_audio, to_int16, write_wav
from thresh.training.sets.fsdd import DIGITS, Recording
from thresh.training.sets.polyphase import resample

RATE = 8000
"""Samples per second of every clip, Hz."""

SPOKEN_RATE = 22_050
"""What eSpeak NG speaks, Hz."""

PEAK = 12_000
"""Largest sample of a clip."""


@dataclass(frozen=True, kw_only=True)
class Voice:
    """An eSpeak NG voice: name, speed in words per minute, pitch 0 to 99."""

    name: str
    speed: int
    pitch: int


SHIPPED = (
    Voice(name="en-us+m3", speed=150, pitch=45),
    Voice(name="en-gb+f2", speed=150, pitch=55),
)
"""Voices of the shipped clips, by turns; no training or validation take uses their variants."""

ACCENTS = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-029", "en-us-nyc")
TRAINING_VARIANTS = (
    "m1", "m2", "m4", "m6", "m7", "m8", "f1", "f3", "f5", "klatt", "klatt2", "klatt4", "Alex",
    "Andrea", "Denis", "Hugo", "Michael", "Mike", "Steph2", "anika", "belinda", "benjamin",
    "david", "ed", "edward", "iven", "jacky", "john", "linda", "norbert", "paul", "rob",
    "robert", "sandro", "steph",
)  # fmt: skip
VALIDATION_VARIANTS = ("m5", "f4", "klatt3", "Lee", "aunty", "boris", "travis", "victor")


def synthesizer() -> str:
    """Path of the ``espeak-ng`` command.

    Raises
    ------
    ValueError
        When it is not installed.
    """
    if (command := shutil.which("espeak-ng")) is None:
        raise ValueError(
            "The speech synthesizer espeak-ng is needed and was not found: install it with the "
            "system's package manager (for example: apt-get install espeak-ng)"
        )
    return command


def speak(word: str, voice: Voice) -> np.ndarray:
    """``word`` as int16 mono at `RATE`, trimmed, at `PEAK`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.wav"
        subprocess.run(
            [
                synthesizer(), "-v", voice.name, "-s", str(voice.speed), "-p", str(voice.pitch),
                "-w", str(path), word,
            ],
            check=True,
            capture_output=True,
        )  # fmt: skip
        pcm, _ = read_audio(path, SPOKEN_RATE)
    pcm = trim(to_int16(resample(pcm, SPOKEN_RATE, RATE)))
    return to_int16(pcm * (PEAK / max(np.abs(pcm.astype(np.int64)).max(), 1)))


def trim(pcm: np.ndarray, margin: int = RATE // 50) -> np.ndarray:
    """``pcm`` without the silence around it, except ``margin`` samples."""
    level = np.abs(pcm.astype(np.int64))
    loud = np.flatnonzero(level > level.max() / 100)
    if loud.size == 0:
        return pcm
    return pcm[max(loud[0] - margin, 0) : loud[-1] + margin]


def takes(variants: tuple[str, ...], per_digit: int, seed: int) -> list[Recording]:
    """Synthesized digits in voices, speeds and pitches drawn with ``seed``."""
    draw = np.random.default_rng(seed)
    recordings = []
    for _ in range(per_digit):
        for digit, word in enumerate(DIGITS):
            voice = Voice(
                name=f"{draw.choice(ACCENTS)}+{draw.choice(variants)}",
                speed=int(draw.integers(120, 221)),
                pitch=int(draw.integers(25, 80)),
            )
            recordings.append(
                Recording(pcm=speak(word, voice), digit=digit, speaker=f"espeak-ng {voice.name}")
            )
    return recordings


def shipped_clips() -> dict[str, np.ndarray]:
    """The clips that ship, by word."""
    return {word: speak(word, SHIPPED[n % len(SHIPPED)]) for n, word in enumerate(DIGITS)}


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def main(directory: Path) -> None:
    """Write zero.wav to nine.wav into DIRECTORY, as they ship in examples/."""
    try:
        clips = shipped_clips()
    except ValueError as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from error
    directory.mkdir(parents=True, exist_ok=True)
    for word, pcm in clips.items():
        write_wav(directory / f"{word}.wav", pcm, RATE)


if __name__ == "__main__":
    main()
