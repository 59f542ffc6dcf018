"""Figures of what a device heard, as SVG text that takes its colours from the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.axes import Axes

from thresh.reports.plots import INK, MAIN, QUIET, STYLE, WARN, bare, blank_figure, svg_text

SHOWN = 3
"""Classes whose scores have a colour of their own: the largest ones."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What is drawn of a recording.

    Parameters
    ----------
    name : str
    rate : float
        Samples per second, Hz.
    hop, window : int
        Of the front end, in samples.
    samples : ndarray of int64, shape (samples,)
    features : ndarray of int64, shape (frames, bands)
    events : ndarray of int64, shape (frames, lists)
    scores : ndarray of int64, shape (frames, classes)
    output_frac : int
        Fraction bits of the scores.
    classes : sequence of str
    thresholds : sequence of int
    heard : sequence of str
        Words that were announced.
    seconds : sequence of float
        When each was at its pin, from the first sample on.
    word_end : float or None
        Seconds.
    """

    name: str
    rate: float
    hop: int
    window: int
    samples: np.ndarray
    features: np.ndarray
    events: np.ndarray
    scores: np.ndarray
    output_frac: int
    classes: Sequence[str]
    thresholds: Sequence[int]
    heard: Sequence[str]
    seconds: Sequence[float]
    word_end: float | None = None

    @property
    def times(self) -> np.ndarray:
        """Seconds at which each frame is whole."""
        return (np.arange(len(self.features)) * self.hop + self.window) / self.rate


def hearing(drawn: Drawn) -> str:
    """Waveform, log-mel picture, events and scores under each other, over one time."""
    with matplotlib.rc_context(STYLE):
        figure, axes = blank_figure(6.4, 4, sharex=True, height_ratios=(1, 1.7, 0.9, 1.5))
        _waveform(axes[0], drawn)
        _picture(axes[1], drawn)
        _events(axes[2], drawn)
        _scores(axes[3], drawn)
        for place in axes:
            for seconds in drawn.seconds:
                place.axvline(seconds, color=WARN, linewidth=1.2)
        axes[-1].set_xlabel("seconds")
        axes[-1].set_xlim(0, len(drawn.samples) / drawn.rate)
        words = ", ".join(drawn.heard)
        says = f"Waveform, log-mel picture, events, scores of {drawn.name}; heard: {words}"
        return svg_text(figure, "hearing", says)


def bars(name: str, rows: Mapping[str, float], unit: str, says: str) -> str:
    """One bar per row, with its value behind it."""
    with matplotlib.rc_context(STYLE):
        figure, (place,) = blank_figure(0.4 + 0.28 * len(rows))
        place.barh(list(rows), list(rows.values()), color=MAIN, height=0.6)
        for row, value in enumerate(rows.values()):
            place.annotate(
                f"{value:,.2g} {unit}" if value < 100 else f"{value:,.0f} {unit}", (value, row),
                xytext=(4, 0), textcoords="offset points", va="center",
            )  # fmt: skip
        bare(place, len(rows))
        place.set_xlim(0, 1.35 * max([*rows.values(), 1e-9]))
        return svg_text(figure, name, says)


def _waveform(place: Axes, drawn: Drawn) -> None:
    seconds = np.arange(len(drawn.samples)) / drawn.rate
    place.plot(seconds, drawn.samples, color=MAIN, linewidth=0.5)
    place.set_title(f"{drawn.name}: samples")
    place.set_yticks([])
    if drawn.word_end is not None:
        place.axvline(drawn.word_end, color=INK, linewidth=1, linestyle="--")
        place.annotate(
            "word's end", (drawn.word_end, 1), xycoords=("data", "axes fraction"),
            xytext=(-3, -2), textcoords="offset points", va="top", ha="right",
        )  # fmt: skip
    for word, at in zip(drawn.heard, drawn.seconds, strict=False):
        place.annotate(
            word, (at, 0), xycoords=("data", "axes fraction"),
            xytext=(3, 2), textcoords="offset points", va="bottom", color=WARN,
        )  # fmt: skip


def _picture(place: Axes, drawn: Drawn) -> None:
    times = drawn.times
    if len(times) == 0:
        return
    step = drawn.hop / drawn.rate
    extent = (float(times[0]) - step, float(times[-1]), 0, drawn.features.shape[1])
    place.imshow(
        drawn.features.T, origin="lower", aspect="auto", extent=extent, cmap="inferno",
        interpolation="nearest",
    )  # fmt: skip
    place.set_ylabel("band")
    place.set_title("log-mel features")


def _events(place: Axes, drawn: Drawn) -> None:
    total = drawn.events.sum(axis=1)
    place.fill_between(drawn.times, total, step="pre", color=MAIN, linewidth=0)
    place.set_ylim(0, max(1, 1.05 * int(total.max(initial=0))))
    place.set_ylabel("events")
    mean = total.mean() if len(total) else 0.0
    place.set_title(f"values sent in a frame: {mean:.1f} on average")


def _scores(place: Axes, drawn: Drawn) -> None:
    real = drawn.scores / float(1 << drawn.output_frac)
    peaks = real.max(axis=0, initial=-np.inf)
    best = np.argsort(-peaks, kind="stable")[:SHOWN].tolist()
    styles = zip(best, ((MAIN, "-"), (INK, "--"), (INK, ":")), strict=False)
    for label in range(real.shape[1]):
        if label not in best:
            place.plot(drawn.times, real[:, label], color=QUIET, linewidth=0.6, alpha=0.6)
    for label, (colour, line) in styles:
        name = drawn.classes[label]
        place.plot(drawn.times, real[:, label], color=colour, linestyle=line, label=name)
    limits = sorted({value for value in drawn.thresholds if value < 32767})
    for limit in limits[:1]:
        place.axhline(limit / float(1 << drawn.output_frac), color=QUIET, linewidth=1)
    place.set_ylabel("score")
    place.set_title("averaged scores; the grey line is the threshold")
    place.legend(frameon=False, loc="upper left", fontsize=8.5)
