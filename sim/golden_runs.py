"""Golden runs over sequences of different lengths, and the work they took."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from thresh.model.network import Network

from .golden import GoldenModel

BATCH = 64
"""Sequences run side by side."""


@dataclass(frozen=True, kw_only=True)
class GoldenRun:
    """What the golden model did with one sequence.

    Parameters
    ----------
    outputs : ndarray of int64, shape (frames, outputs)
    fired_x : ndarray of int64, shape (frames,)
        Input events.
    fired_h : ndarray of int64, shape (frames, layers)
        Events each layer sent.
    saturations : int
        Narrowings that clipped.
    skipped : ndarray of bool, shape (frames, layers), or None
        Layers that had settled and received nothing; None where that is not known.
    """

    outputs: np.ndarray
    fired_x: np.ndarray
    fired_h: np.ndarray
    saturations: int
    skipped: np.ndarray | None = None

    @property
    def frames(self) -> int:
        """Steps."""
        return len(self.outputs)


def batches(sequences: Sequence[np.ndarray]) -> Iterator[tuple[list[int], np.ndarray]]:
    """Sequences of like length padded at the end: their places, and (batch, frames, inputs)."""
    order = sorted(range(len(sequences)), key=lambda place: len(sequences[place]))
    for start in range(0, len(order), BATCH):
        places = order[start : start + BATCH]
        longest = len(sequences[places[-1]])
        yield (
            places,
            np.stack(
                [np.pad(sequences[p], ((0, longest - len(sequences[p])), (0, 0))) for p in places]
            ),
        )


def run_golden(
    network: Network,
    sequences: Sequence[np.ndarray],
    update: Callable[[int, int], None] = lambda done, total: None,
    make: Callable[[Network, int], GoldenModel] = GoldenModel,
) -> list[GoldenRun]:
    """The golden model on every sequence, each from a new state.

    Parameters
    ----------
    network : Network
    sequences : sequence of ndarray of int, shape (frames, inputs)
    update : callable
        Told how many sequences of how many are done.
    make : callable
        Makes the golden model of a network and so many sequences side by side.
    """
    runs: dict[int, GoldenRun] = {}
    for places, x in batches(sequences):
        trace = make(network, len(places)).run(x)
        for row, place in enumerate(places):
            frames = len(sequences[place])
            runs[place] = GoldenRun(
                outputs=trace.outputs[row, :frames],
                fired_x=trace.fired_x[row, :frames],
                fired_h=trace.fired_h[row, :frames],
                saturations=int(trace.saturations[row, :frames].sum()),
                skipped=trace.skipped[row, :frames],
            )
        update(len(runs), len(sequences))
    return [runs[place] for place in range(len(sequences))]


def column_weights(network: Network) -> np.ndarray:
    """Weights in one column of each layer, G H; int64, shape (layers,)."""
    return np.array([len(layer.cell.gates) * layer.units for layer in network.layers])


def dense_fetches(network: Network) -> int:
    """Weights fetched per frame when every column is: all of them."""
    return network.weights


def delta_fetches(network: Network, run: GoldenRun) -> np.ndarray:
    """Weights fetched in every frame of ``run``; int64, shape (frames,).

    A layer fetches one column per event of its input list and one per event it sent itself in the
    frame before.
    """
    events = np.empty_like(run.fired_h)
    events[:, 0] = run.fired_x
    events[:, 1:] = run.fired_h[:, :-1]
    for number, layer in enumerate(network.layers):
        if layer.cell.recurrent:
            events[1:, number] += run.fired_h[:-1, number]
    return events @ column_weights(network)


@dataclass(frozen=True, kw_only=True)
class Work:
    """Work of several runs together.

    Parameters
    ----------
    frames : int
    events_per_frame : float
        Events sent, of inputs and of all layers.
    weight_fetches, weight_fetches_dense : int
        Weights read, and what reading all of them in every frame takes.
    saturations : int
    """

    frames: int
    events_per_frame: float
    weight_fetches: int
    weight_fetches_dense: int
    saturations: int

    @property
    def reduction(self) -> float | None:
        """Dense over delta; None when nothing was fetched."""
        return self.weight_fetches_dense / self.weight_fetches if self.weight_fetches else None


def total_work(network: Network, runs: Sequence[GoldenRun]) -> Work:
    """The work of ``runs`` together."""
    frames = sum(run.frames for run in runs)
    events = sum(int(run.fired_x.sum() + run.fired_h.sum()) for run in runs)
    return Work(
        frames=frames,
        events_per_frame=events / frames,
        weight_fetches=sum(int(delta_fetches(network, run).sum()) for run in runs),
        weight_fetches_dense=frames * dense_fetches(network),
        saturations=sum(run.saturations for run in runs),
    )


def rasters(network: Network, x: np.ndarray) -> dict[str, np.ndarray]:
    """Which value of each list was sent when, for one sequence.

    Parameters
    ----------
    network : Network
    x : ndarray of int, shape (frames, inputs)

    Returns
    -------
    dict of ndarray of bool, shape (frames, values)
        The inputs, then every layer whose output is delta encoded.
    """
    model = GoldenModel(network)
    names = [f"layer {n} ({layer.kind})" for n, layer in enumerate(network.layers)]
    sent: dict[str, list[np.ndarray]] = {"inputs": []}
    sent |= {name: [] for name, encoded in zip(names, network.encoded, strict=True) if encoded}
    for row in x:
        before = model.reference_x
        model.step(row[None])
        sent["inputs"].append((model.reference_x != before)[0])
        for name, state in zip(names, model.layers, strict=True):
            if name in sent:
                sent[name].append(state.delta_h[0] != 0)
    return {name: np.stack(rows) for name, rows in sent.items()}
