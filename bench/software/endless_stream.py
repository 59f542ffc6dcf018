"""How the digits network hears words on a stream that does not end, as a device hears them.

Its states were trained on clips that begin with the word; a device never begins anew. The test
clips of FSDD follow each other, shuffled, in four streams, with pauses of half a second to three,
in silence or in the noise of rooms (the `_silence_` clips of Speech Commands, each repeated for 20
seconds), so many dB below the words. The golden chain hears them from the samples on. A word is
heard when it is announced in its clip or half a second after it; what is announced besides is a
double, where it is the same word again, or false. `anew-` is the same with a begin before every
clip, `tuned-` with the decision that makes the fewest errors on such streams of validation clips,
in silence and at all levels of noise together. Data: THRESH_DATA. Results:
docs/results/device-endless.json.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from bench.measurement import Measurement, Row
from bench.results import ROOT
from thresh.audio.announcements import announcements, smoothed
from thresh.audio.chain import read_features, read_spotter
from thresh.audio.operating import spans_of
from thresh.audio.spotter import Spotter
from thresh.data.audio_file import clips_in, read_audio, to_int16
from thresh.model.model_file import load_network
from thresh.sim.golden_runs import run_golden
from thresh.training.sets.find import folder_of
from thresh.training.sets.fsdd import Recording, data_directory, load_fsdd
from thresh.training.sets.keywords import CLASSES, ORIGIN

MODEL = "digits-gru128-magnitude"
RATE, STEPS_PER_HOUR = 8000, 360_000
STREAMS = 4
"""Parts of the clips, which run side by side."""

PAUSES = (0.5, 3.0)
AFTER = 0.5
REPEATED = 20.0
"""Seconds: pauses, how long after a clip its word may be announced, and of one noise."""

QUARTERS = range(1, 60)
"""Thresholds that are tried, in quarters of the outputs' unit."""

SHIFTS = (3, 4, 5)

Span = tuple[int, int, int]
"""First step, the step behind the last, and the word that may be announced."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is heard.

    Parameters
    ----------
    noise : float or None
        dB below the words; none at all.
    anew : bool
        The network begins anew before every clip.
    tuned : bool
        With the decision that suits streams of validation clips.
    """

    noise: float | None = None
    anew: bool = False
    tuned: bool = False


NOISES = {"silence": None, "30dB": 30.0, "20dB": 20.0, "10dB": 10.0}

CASES = {
    **{f"anew-{name}": Case(noise=noise, anew=True) for name, noise in NOISES.items()},
    **{f"stream-{name}": Case(noise=noise) for name, noise in NOISES.items()},
    **{f"tuned-{name}": Case(noise=noise, tuned=True) for name, noise in NOISES.items()},
}


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What became of the words of a stream.

    Parameters
    ----------
    words, heard, doubled : int
        Said, announced, and announcements of a word that was announced already.
    other, between : int
        Another word announced where one was said, or where none was.
    steps : int
        Of the stream.
    """

    words: int = 0
    heard: int = 0
    doubled: int = 0
    other: int = 0
    between: int = 0
    steps: int = 0

    def __add__(self, more: "Counts") -> "Counts":
        return Counts(**{name: value + vars(more)[name] for name, value in vars(self).items()})

    @property
    def errors(self) -> int:
        """Words that were missed, and whatever was announced besides."""
        return self.words - self.heard + self.doubled + self.other + self.between

    def row(self) -> Row:
        """As it is kept."""
        hours = self.steps / STEPS_PER_HOUR
        return {
            **{name: value for name, value in vars(self).items() if name != "steps"},
            "missed": self.words - self.heard,
            "hours": round(hours, 4),
            "false_per_hour": round((self.other + self.between) / hours, 1),
        }


def counted(heard: Sequence[tuple[int, int]], spans: Sequence[Span], steps: int) -> Counts:
    """What announcements, (step, word), are of the words of a stream."""
    known, doubled, other, between = set(), 0, 0, 0
    for step, label in heard:
        place = next((n for n, (first, end, _) in enumerate(spans) if first <= step < end), None)
        if place is None:
            between += 1
        elif spans[place][2] != label:
            other += 1
        elif place in known:
            doubled += 1
        else:
            known.add(place)
    return Counts(
        words=len(spans), heard=len(known), doubled=doubled, other=other, between=between,
        steps=steps,
    )  # fmt: skip


@cache
def noises() -> list[np.ndarray]:
    """Noises of rooms, each as loud as the next: float, a mean square of 1."""
    home = folder_of(None, "keywords", CLASSES, ORIGIN)
    clips = [read_audio(path, RATE)[0].astype(float) for path in clips_in(home / "_silence_")]
    loud = [clip for clip in clips if np.std(clip) > 1]
    return [(clip - clip.mean()) / np.std(clip) for clip in loud]


def stream_of(
    clips: Sequence[Recording], noise: float | None, random: np.random.Generator
) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Samples of a stream, int16, and where each clip lies in them."""
    parts: list[np.ndarray] = []
    places: list[tuple[int, int]] = []
    for clip in clips:
        parts.append(np.zeros(round(RATE * random.uniform(*PAUSES)), np.int16))
        start = sum(map(len, parts))
        parts.append(clip.pcm)
        places.append((start, start + len(clip.pcm)))
    parts.append(np.zeros(round(RATE * AFTER), np.int16))
    samples = np.concatenate(parts).astype(float)
    if noise is not None:
        loudness = np.sqrt(np.mean(np.concatenate([clip.pcm for clip in clips]).astype(float) ** 2))
        rooms = [
            np.resize(noises()[random.integers(len(noises()))], round(RATE * REPEATED))
            for _ in range(-(-len(samples) // round(RATE * REPEATED)))
        ]
        samples += loudness * 10 ** (-noise / 20) * np.concatenate(rooms)[: len(samples)]
    return to_int16(samples), places


def streams(
    split: str, noise: float | None, anew: bool
) -> list[tuple[list[Recording], np.ndarray, list[tuple[int, int]]]]:
    """Clips, samples and places of every stream of a split."""
    clips, found = load_fsdd(data_directory(), split), []
    random = np.random.default_rng(0)
    shuffled = [clips[place] for place in random.permutation(len(clips))]
    for part in [[clip] for clip in shuffled] if anew else _shared(shuffled):
        samples, places = stream_of(part, noise, random)
        if anew:  # the network begins with the word
            samples, places = samples[places[0][0] :], [(0, len(part[0].pcm))]
        found.append((part, samples, places))
    return found


def _shared(clips: list[Recording]) -> list[list[Recording]]:
    ends = np.linspace(0, len(clips), STREAMS + 1).astype(int)
    return [clips[first:last] for first, last in pairwise(ends)]


@cache
def outputs(
    split: str, noise: float | None, anew: bool
) -> list[tuple[np.ndarray, tuple[Span, ...]]]:
    """Outputs of the network on every stream, and the words that may be announced."""
    network = load_network(ROOT / "examples" / f"{MODEL}.safetensors")
    front_end = read_features(network)
    assert front_end is not None
    heard = streams(split, noise, anew)
    runs = run_golden(network, [front_end.features(samples) for _, samples, _ in heard])
    found = []
    for run, (clips, _, places) in zip(runs, heard, strict=True):
        spans = tuple(
            (first // front_end.hop, min(-(-last // front_end.hop), run.frames), clip.digit)
            for clip, (first, last) in zip(
                clips, spans_of(places, round(AFTER * RATE)), strict=True
            )
        )
        found.append((run.outputs, spans))
    return found


def total(
    heard: Sequence[tuple[np.ndarray, tuple[Span, ...]]], scores: Sequence[np.ndarray],
    spotter: Spotter,
) -> Counts:  # fmt: skip
    """What a decision makes of all streams."""
    counts = (
        counted(announcements(score, spotter), spans, len(score))
        for score, (_, spans) in zip(scores, heard, strict=True)
    )
    return sum(counts, Counts())


def own_spotter() -> Spotter:
    """The decision that the network came with."""
    spotter = read_spotter(load_network(ROOT / "examples" / f"{MODEL}.safetensors"))
    assert spotter is not None
    return spotter


@cache
def tuned_spotter() -> Spotter:
    """The average and threshold of fewest errors on streams of validation clips."""
    network = load_network(ROOT / "examples" / f"{MODEL}.safetensors")
    heard = [one for noise in NOISES.values() for one in outputs("validation", noise, False)]
    tried = []
    for shift in SHIFTS:
        scores = [smoothed(one, shift) for one, _ in heard]
        for quarter in QUARTERS:
            level = quarter << network.output_frac >> 2
            if level < 1 << 15:
                spotter = replace(own_spotter(), shift=shift, thresholds=(level,) * network.outputs)
                tried.append((total(heard, scores, spotter).errors, spotter))
    return min(tried, key=lambda one: one[0])[1]


def measure(case: Case, folder: Path) -> Iterator[Row]:
    """One row."""
    spotter = tuned_spotter() if case.tuned else own_spotter()
    heard = outputs("test", case.noise, case.anew)
    scores = [smoothed(one, spotter.shift) for one, _ in heard]
    counts = total(heard, scores, spotter)
    yield {
        **counts.row(), "shift": spotter.shift, "threshold": spotter.thresholds[0],
        "streams": len(heard),
    }  # fmt: skip


ENDLESS = Measurement(
    about=__doc__,
    module="bench.software.endless_stream",
    result="device-endless",
    cases=CASES,
    measure=measure,
    say=lambda row: (
        f"{row['heard']} of {row['words']} words heard, {row['doubled']} doubled, "
        f"{row['other'] + row['between']} false in {row['hours']} hours"
    ),
)

if __name__ == "__main__":
    ENDLESS.run()
