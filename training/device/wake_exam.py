"""What a network for a wake word misses, and falsely accepts, of clips one after the other."""

from dataclasses import replace
from typing import Any

import numpy as np

from thresh.audio.announcements import smoothed
from thresh.audio.operating import Point, Stream, curve, spans_of
from thresh.model.network import Network
from thresh.training.trainer.batches import Item
from thresh.training.trainer.net import Net
from thresh.training.trainer.scoring import integer_outputs

from .wake import ELSE, SHIFT, WORD

PIECE, TAIL, REST = 6000, 50, 100
"""Steps heard in one go, those after a word in which it may still be announced, and of a rest."""


def streams_of(exact: Net, network: Network, items: list[Item]) -> list[Stream]:
    """Clips one after the other in an order that is drawn once, and where the words are."""
    order = [items[place] for place in np.random.default_rng(0).permutation(len(items))]
    ends = np.cumsum([len(item.x) for item in order])
    streams = []
    for piece in np.unique(ends // PIECE):
        own = [item for item, end in zip(order, ends, strict=True) if end // PIECE == piece]
        places = np.cumsum([0] + [len(item.x) for item in own]).tolist()
        words = [
            (places[n], places[n + 1]) for n, item in enumerate(own) if item.target == WORD
        ]  # fmt: skip
        joined = Item(x=np.concatenate([item.x for item in own]), target=ELSE)
        (outputs,) = integer_outputs(exact, [joined], network.output_frac)
        spans = [(first, min(last, len(outputs))) for first, last in spans_of(words, TAIL)]
        streams.append(Stream(scores=smoothed(outputs, SHIFT), spans=tuple(spans)))
    return streams


def points_of(streams: list[Stream]) -> list[Point]:
    """Misses and false accepts of the word at every threshold."""
    return curve(streams, WORD, refractory=REST, steps_per_hour=360_000)


def point_of(streams: list[Stream], threshold: int) -> Point:
    """The same at one threshold."""
    (point,) = curve(
        streams, WORD, refractory=REST, steps_per_hour=360_000, thresholds=[threshold]
    )  # fmt: skip
    return point


def told(point: Point) -> dict[str, Any]:
    """A point as JSON."""
    return {
        "threshold": point.threshold, "missed": point.missed, "words": point.words,
        "misses": point.misses, "misses_interval_95": point.misses_interval,
        "false_accepts": point.false_accepts, "hours": point.hours,
        "false_per_hour": point.per_hour, "false_per_hour_limit_95": point.per_hour_limit,
    }  # fmt: skip


def summed(points: list[Point]) -> Point:
    """Several folds' points as one, at the threshold of the first."""
    return replace(
        points[0],
        **{name: sum(getattr(one, name) for one in points)
           for name in ("missed", "words", "false_accepts", "hours")},
    )  # fmt: skip
