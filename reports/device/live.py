"""A live view of what a device hears, for terminals."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from rich.color import Color
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style

from thresh.audio.spotter import NEVER

HISTORY = 400
"""Frames that are kept, more than a terminal is wide."""

DECISIONS = 5
"""Announcements that are shown."""

CLASSES, FEW = 12, 4
"""Classes whose scores are shown, the best ones; and in a low terminal."""

TALL = 46
"""Lines of a terminal that has room for every band."""

LABEL = 12
"""Columns of the names at the left."""

BLOCKS = " ▁▂▃▄▅▆▇█"

ANCHORS = ((13, 8, 38), (84, 16, 109), (187, 55, 84), (249, 142, 9), (252, 255, 164))
"""Colours from silence to loud."""

SHADES = 24


@dataclass(frozen=True, kw_only=True)
class LiveFrame:
    """One frame of a device.

    Parameters
    ----------
    number : int
        From 0 at the begin of the sequence.
    features : ndarray of int64, shape (bands,)
    events : ndarray of int64, shape (lists,)
        Of the inputs, then of layers.
    scores : ndarray of int64, shape (classes,)
        Smoothed, or the outputs themselves where that is not known.
    best, score : int
        The class with the largest smoothed score, and that.
    heard : bool
        Whether it was announced.
    cycles : int or None
        In which the core's clock ran; None for the first frame, before which it may have run on.
    """

    number: int
    features: np.ndarray
    events: np.ndarray
    scores: np.ndarray
    best: int
    score: int
    heard: bool
    cycles: int | None = None


class LiveView:
    """What rich shows of the last frames: log-mel, events, scores, decisions, work.

    Parameters
    ----------
    title : str
    classes : sequence of str
        Names of the classes; numbers where there are none.
    lists : sequence of str
        Names of the lists of events.
    input_frac, output_frac : int
        Fraction bits of features and scores.
    thresholds : sequence of int or None
        Of the decision, per class.
    rate : float
        Frames per second.
    clock_hz : float or None
        Of the core, for the share of time that it is awake.
    """

    def __init__(
        self,
        *,
        title: str,
        classes: Sequence[str],
        lists: Sequence[str],
        input_frac: int,
        output_frac: int,
        thresholds: Sequence[int] | None = None,
        rate: float = 100.0,
        clock_hz: float | None = None,
    ) -> None:
        self.title, self.classes, self.lists = title, tuple(classes), tuple(lists)
        self.input_frac, self.output_frac = input_frac, output_frac
        self.thresholds, self.rate, self.clock_hz = thresholds, rate, clock_hz
        self.lost = 0
        self._frames: deque[LiveFrame] = deque(maxlen=HISTORY)
        self._heard: deque[LiveFrame] = deque(maxlen=DECISIONS)

    def add(self, frame: LiveFrame) -> None:
        """Show one more frame."""
        self._frames.append(frame)
        if frame.heard:
            self._heard.append(frame)

    def said(self, frame: LiveFrame) -> str:
        """An announcement in one line."""
        seconds = frame.number / self.rate
        return f"{seconds:8.2f} s  {self._name(frame.best)}  ({self._real(frame.score):.2f})"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(1, options.max_width - LABEL - 1)
        shown = list(self._frames)[-width:]
        tall = options.size.height >= TALL
        yield from self._line("", self._head(shown), Style(bold=True))
        if shown:
            yield from self._spectrum(shown, 1 if tall else 2)
            yield from self._work(shown)
            yield from self._scores(shown[-1], width, CLASSES if tall else FEW)
        for frame in self._heard:
            yield from self._line("heard", self.said(frame), Style(bold=True, color="green"))

    def _head(self, shown: list[LiveFrame]) -> str:
        if not shown:
            return f"{self.title}: waiting for the first frame"
        lost = f", {self.lost} frames lost" if self.lost else ""
        return f"{self.title}   {shown[-1].number / self.rate:.2f} s{lost}"

    def _spectrum(self, shown: list[LiveFrame], coarse: int) -> Iterator[Segment]:
        """Two bands in a row of letters, the highest on top."""
        rows = np.stack([frame.features for frame in shown], axis=1)[::-1]
        rows = np.stack(
            [rows[place : place + coarse].mean(axis=0) for place in range(0, len(rows), coarse)]
        )
        if len(rows) % 2:
            rows = np.concatenate((rows, rows[-1:]))
        loud = (rows / 2.0**self.input_frac + 2) / 4
        shades = np.clip(loud * (SHADES - 1), 0, SHADES - 1).astype(int)
        for place in range(0, len(shades), 2):
            label = "log-mel" if place == 0 else ""
            yield Segment(f"{label:<{LABEL}} ", Style(dim=True))
            for upper, lower in zip(*shades[place : place + 2].tolist(), strict=True):
                yield Segment("▀", _style(upper, lower))
            yield Segment.line()

    def _work(self, shown: list[LiveFrame]) -> Iterator[Segment]:
        events = np.stack([frame.events for frame in shown], axis=1)
        for name, row in zip(self.lists, events, strict=False):
            yield from self._spark(name, row, f"{row.mean():.1f} events a frame")
        cycles = [frame.cycles for frame in shown if frame.cycles is not None]
        if not cycles:
            return
        mean = float(np.mean(cycles))
        awake = f", awake {mean * self.rate / self.clock_hz:.1%}" if self.clock_hz else ""
        yield from self._spark("cycles", np.array(cycles), f"{mean:,.0f} a frame{awake}")

    def _spark(self, name: str, row: np.ndarray, text: str) -> Iterator[Segment]:
        most = max(1, int(row.max()))
        heights = (row * (len(BLOCKS) - 1) + most - 1) // most
        yield from self._line("", f"{name}: {text}", Style(dim=True))
        yield from self._line("", "".join(BLOCKS[height] for height in heights), _style(14, None))

    def _scores(self, frame: LiveFrame, width: int, most: int) -> Iterator[Segment]:
        best = np.sort(np.argsort(-frame.scores, kind="stable")[:most]).tolist()
        marks = {
            label: threshold
            for label, threshold in enumerate(self.thresholds or ())
            if 0 < threshold < NEVER
        }
        full = max(1, int(np.abs(frame.scores).max()), *marks.values())
        columns = max(1, min(40, width - 12))
        for label in best:
            score = int(frame.scores[label])
            bar = "█" * max(0, score * columns // full)
            if label in marks:
                mark = min(columns - 1, marks[label] * columns // full)
                bar = f"{bar:<{columns}}"
                bar = f"{bar[:mark]}│{bar[mark + 1 :]}"
            style = Style(bold=True) if label == frame.best else Style(dim=True)
            line = f"{bar:<{columns}} {self._real(score):8.2f}"
            yield from self._line(self._name(label), line, style)

    def _line(self, name: str, text: str, style: Style) -> Iterator[Segment]:
        yield Segment(f"{name[:LABEL]:<{LABEL}} ", Style(dim=True))
        yield Segment(text, style)
        yield Segment.line()

    def _name(self, label: int) -> str:
        return self.classes[label] if label < len(self.classes) else f"class {label}"

    def _real(self, score: int) -> float:
        return score / float(1 << self.output_frac)


@cache
def _style(upper: int, lower: int | None) -> Style:
    return Style(color=_shade(upper), bgcolor=None if lower is None else _shade(lower))


def _shade(step: int) -> Color:
    place = step / (SHADES - 1) * (len(ANCHORS) - 1)
    low = min(int(place), len(ANCHORS) - 2)
    pairs = zip(ANCHORS[low], ANCHORS[low + 1], strict=True)
    return Color.from_rgb(*(a + (b - a) * (place - low) for a, b in pairs))
