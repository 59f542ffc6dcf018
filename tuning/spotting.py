"""A word on recordings: misses and false accepts as a device that never rests would have them."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from thresh.audio.announcements import smoothed
from thresh.audio.chain import read_features, read_spotter
from thresh.audio.front_ends import AnyFrontEnd
from thresh.audio.operating import Point, Stream, curve, operating_point, spans_of
from thresh.audio.spotter import NEVER, Spotter
from thresh.data.audio_file import clips_in, read_audio
from thresh.data.inputs import label_of
from thresh.data.labelled import class_folders
from thresh.model.decision import class_names
from thresh.model.network import Network
from thresh.sim.golden_runs import run_golden

AFTER = 0.5
"""Seconds after the end of a word's clip in which it may still be announced."""

PIECE = 60.0
"""Seconds of audio that are heard in one go; longer files begin anew so often."""

SHIFT, REST = 4, 1.0
"""Average of a network that names no decision, as a `Spotter` has it, and seconds of its rest."""


@dataclass(frozen=True, kw_only=True)
class Spotting:
    """What a network makes of a word in recordings.

    Parameters
    ----------
    network : Network
    label : int
        Class of the word.
    spotter : Spotter
        Its average and rests; no other class is announced.
    points : tuple of Point
        Misses and false accepts, the lowest threshold first.
    chosen : Point
        Of fewest misses with at most ``false_per_hour`` false accepts.
    own : Point or None
        Of the threshold that the network came with, where it announces the word.
    false_per_hour : float
        That was asked for.
    clips : int
        Recordings.
    """

    network: Network
    label: int
    spotter: Spotter
    points: tuple[Point, ...]
    chosen: Point
    own: Point | None
    false_per_hour: float
    clips: int

    @property
    def word(self) -> str:
        """Name of the class."""
        return class_names(self.network)[self.label]

    @property
    def met(self) -> bool:
        """The chosen point has as few false accepts as were asked for."""
        return (self.chosen.per_hour or 0.0) <= self.false_per_hour

    def at_most(self, per_hour: float) -> Point:
        """The point of fewest misses with at most so many false accepts per hour."""
        return operating_point(self.points, per_hour)

    def tuned(self) -> Network:
        """The network that announces the word alone, at the chosen threshold."""
        return replace(self.network, spotter=self.spotter.to_dict())


def spot(
    network: Network, place: Path, word: str | None = None, *, false_per_hour: float = 0.5,
    update: Callable[[int, int], None] = lambda done, total: None,
) -> Spotting:  # fmt: skip
    """Misses and false accepts of a word over all thresholds.

    Clips are heard one after the other in an order that their names give, in pieces of `PIECE`
    seconds. In a word's clip, and `AFTER` seconds after it, an announcement is right; everywhere
    else it is a false accept.

    Parameters
    ----------
    network : Network
        With a front end.
    place : Path
        A folder with one folder of clips per word, a folder of clips whose names begin with
        theirs, or one recording without the word.
    word : str, optional
        Name of the class; the only one that is announced when absent.
    false_per_hour : float
    update : callable
        Told how many pieces of how many are done.

    Raises
    ------
    ValueError, OSError
        When there is no such word, no front end, or nothing to hear, in one sentence.
    """
    label = word_of(network, word)
    clips = words_of(place, network, class_names(network)[label])
    return spot_clips(network, clips, label, false_per_hour=false_per_hour, update=update)


def spot_clips(
    network: Network, clips: Sequence[tuple[Path, bool]], label: int, *,
    false_per_hour: float = 0.5, update: Callable[[int, int], None] = lambda done, total: None,
) -> Spotting:  # fmt: skip
    """The same of recordings in a list, each with whether it is of the word; see `spot`."""
    if not 0 <= false_per_hour < float("inf"):
        raise ValueError(f"False accepts per hour must be 0 or more, not {false_per_hour!r}")
    front_end = read_features(network)
    if front_end is None:
        raise ValueError(f"{network.name} has no front end, so that it cannot hear recordings")
    came = read_spotter(network)
    hop_rate = front_end.rate / front_end.hop
    shift = came.shift if came else SHIFT
    rest = came.refractory[label] if came else round(REST * hop_rate)
    heard = _pieces(clips, front_end)
    runs = run_golden(network, [x for x, _ in heard], update)
    streams = [
        Stream(scores=smoothed(run.outputs, shift), spans=spans)
        for run, (_, spans) in zip(runs, heard, strict=True)
    ]
    settings: dict[str, Any] = {"refractory": rest, "steps_per_hour": 3600 * hop_rate}
    points = curve(streams, label, **settings)
    chosen = operating_point(points, false_per_hour)
    own = None
    if came and came.thresholds[label] != NEVER:
        (own,) = curve(streams, label, thresholds=[came.thresholds[label]], **settings)
    return Spotting(
        network=network, label=label, points=tuple(points), chosen=chosen, own=own,
        spotter=_only(label, network.outputs, chosen.threshold, rest, shift),
        false_per_hour=false_per_hour, clips=len(clips),
    )  # fmt: skip


def _only(label: int, classes: int, threshold: int, rest: int, shift: int) -> Spotter:
    """The decision that announces one class alone."""
    levels, rests = [NEVER] * classes, [0] * classes
    levels[label], rests[label] = threshold, rest
    return Spotter(shift=shift, thresholds=tuple(levels), refractory=tuple(rests))


def word_of(network: Network, word: str | None = None) -> int:
    """Number of the class of a word; of the only one that is announced when none is named.

    Raises
    ------
    ValueError
        When there is no such class, or none or several are announced.
    """
    names = class_names(network)
    if word is not None:
        if word not in names:
            raise ValueError(f"{network.name} knows no {word!r}: it knows {', '.join(names)}")
        return names.index(word)
    own = announced(network)
    if len(own) != 1:
        count = f"announces {len(own)} classes" if own else "announces no class"
        raise ValueError(f"{network.name} {count}: name the word that is scored")
    return own[0]


def announced(network: Network) -> list[int]:
    """Classes that the network's own decision announces; none where it has none."""
    spotter = read_spotter(network)
    if spotter is None:
        return []
    return [label for label, level in enumerate(spotter.thresholds) if level != NEVER]


def words_of(place: Path, network: Network, word: str) -> list[tuple[Path, bool]]:
    """Recordings, and whether each is of the word.

    Raises
    ------
    ValueError, OSError
        When there are none.
    """
    if not place.is_dir():
        place.stat()
        return [(place, False)]
    clips = [(path, name == word) for path, name in class_folders(place)] or [
        (path, label_of(path.stem, network.classes) == word) for path in clips_in(place)
    ]
    if not clips:
        raise ValueError(f"{place} holds no audio files (.wav, .flac, .ogg)")
    return sorted(clips, key=lambda one: zlib.crc32(one[0].name.encode()))


def _pieces(
    clips: Sequence[tuple[Path, bool]], front_end: AnyFrontEnd
) -> list[tuple[np.ndarray, tuple[tuple[int, int], ...]]]:
    """Features of pieces, and the steps in which the word may be announced."""
    length, found = int(PIECE * front_end.rate), []
    waiting: list[np.ndarray] = []
    words: list[tuple[int, int]] = []
    for place, (path, own) in enumerate(clips):
        pcm, _ = read_audio(path, front_end.rate)
        start = sum(map(len, waiting))
        if own:
            words.append((start, start + len(pcm)))
        waiting.append(pcm)
        last = place == len(clips) - 1
        if start + len(pcm) >= length or last:
            joined = np.concatenate(waiting)
            cut = len(joined) if words else length
            for first in range(0, len(joined), cut or 1):
                found.append(_heard(joined[first : first + cut], words, front_end))
            waiting, words = [], []
    return [one for one in found if len(one[0])]


def _heard(
    pcm: np.ndarray, words: Sequence[tuple[int, int]], front_end: AnyFrontEnd
) -> tuple[np.ndarray, tuple[tuple[int, int], ...]]:
    x, hop = front_end.features(pcm), front_end.hop
    spans = spans_of(words, int(AFTER * front_end.rate))
    return x, tuple((first // hop, min(-(-last // hop), len(x))) for first, last in spans)
