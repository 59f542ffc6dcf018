"""Sparse columns: only the weights of a column that are not zero.

A word holds a weight, and how many rows further than the word before it the weight lies; the first
word counts from row 0. A lane's rows are numbered as its sums are taken: block by block, pass by
pass. A word whose weight is 0 adds nothing: it bridges rows that are farther apart than a word can
say, or fills the column.

On the chip, lane p owns the units p, p + P, ..., and takes a word of its own in each cycle. The
weight memory holds biases first, then columns: a word of every lane's weight at an even address,
and the rows between them at the odd one behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thresh.model.cells import Cell
from thresh.model.network import Layer, Network

from .geometry import Geometry
from .sizes import ceil_div
from .weight_layout import pack_weights, pad_units, unpack_weights, walk

LISTS = ("hidden", "inputs")
"""Lists of events, in the order of their columns."""

SETTLE = 5
"""Least cycles between two words that add to the same sum on the chip."""


@dataclass(frozen=True, kw_only=True)
class SparseLayer:
    """A layer's columns on the chip, hidden ones first.

    Parameters
    ----------
    weights, offsets : ndarray of int64, shape (columns, words, lanes)
    rest : int
        Cycles that the next column waits.
    """

    weights: np.ndarray
    offsets: np.ndarray
    rest: int

    @property
    def words(self) -> int:
        """Of a column."""
        return self.weights.shape[1]


def lane_columns(layer: Layer, name: str, lanes: int, interleave: int = 1) -> np.ndarray:
    """Weights that a list's events are multiplied with, int64 of shape (columns, lanes, rows).

    Parameters
    ----------
    layer : Layer
    name : str
        One of `LISTS`.
    lanes, interleave : int
        As the `thresh.layout.geometry.Geometry`'s.
    """
    weights = layer.weight_h if name == "hidden" else layer.weight_x
    padded = pad_units(weights, lanes)  # gate, block, lane, column
    passes = layer.cell.passes
    order = list(walk(padded.shape[1], len(passes), interleave))
    rows = np.zeros((weights.shape[2], lanes, len(order)), np.int64)
    for row, (block, number) in enumerate(order):
        if getattr(passes[number], name):
            rows[:, :, row] = padded[passes[number].gate, block].T
    return rows


def gate_weights(
    cell: Cell, columns: np.ndarray, name: str, units: int, interleave: int
) -> np.ndarray:
    """The inverse of `lane_columns`: weights of shape (G, H, columns)."""
    count, lanes, rows = columns.shape
    blocks = rows // len(cell.passes)
    weights = np.zeros((len(cell.gates), blocks * lanes, count), np.int64)
    for row, (block, number) in enumerate(walk(blocks, len(cell.passes), interleave)):
        if getattr(cell.passes[number], name):
            weights[cell.passes[number].gate, block * lanes : (block + 1) * lanes] = columns[
                :, :, row
            ].T
    return weights[:, :units]


def pack(columns: np.ndarray, offset_bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights of shape (columns, lanes, rows) without their zeros.

    Returns
    -------
    weights, offsets : ndarray of int64, shape (columns, lanes, words)
        As many words as the longest needs.
    """
    farthest = (1 << offset_bits) - 1
    count, lanes, _ = columns.shape
    column, lane, row = np.nonzero(columns)
    starts = np.diff(column * lanes + lane, prepend=-1) != 0
    offset = row - np.where(starts, 0, np.concatenate((row[:1], row[:-1])))
    bridges = np.maximum(offset - 1, 0) // farthest
    ends = np.cumsum(bridges + 1)
    before = np.maximum.accumulate(np.where(starts, ends - bridges - 1, 0))
    place = ends - before - 1
    weights = np.zeros((count, lanes, max(1, int(place.max(initial=0)) + 1)), np.int64)
    offsets = np.zeros_like(weights)
    weights[column, lane, place] = columns[column, lane, row]
    offsets[column, lane, place] = offset - bridges * farthest
    for far in np.flatnonzero(bridges):
        last = place[far]
        offsets[column[far], lane[far], last - bridges[far] : last] = farthest
    return weights, offsets


def unpack(weights: np.ndarray, offsets: np.ndarray, rows: int) -> np.ndarray:
    """The inverse of `pack`: weights of shape (columns, lanes, rows)."""
    column, lane, word = np.nonzero(weights)
    columns = np.zeros((*weights.shape[:2], rows), np.int64)
    columns[column, lane, np.cumsum(offsets, axis=2)[column, lane, word]] = weights[
        column, lane, word
    ]
    return columns


def settling(weights: np.ndarray, offsets: np.ndarray, rows: int) -> int:
    """Cycles that a column must wait, so that no sum is asked for before it is written.

    Any column may follow any other: a sum is added to by the last word that any column has for its
    row, and next by the first.
    """
    lanes, words = weights.shape[1:]
    _, lane, word = used = np.nonzero(weights)
    row = np.cumsum(offsets, axis=2)[used]
    before, after = np.full((lanes, rows), SETTLE), np.full((lanes, rows), SETTLE)
    np.minimum.at(before, (lane, row), word)
    np.minimum.at(after, (lane, row), words - 1 - word)
    return max(0, SETTLE - 1 - int((before + after).min()))


def sparse_layer(layer: Layer, lanes: int, interleave: int) -> SparseLayer:
    """A layer's columns for so many lanes; each has as many words as the longest."""
    columns = np.concatenate([lane_columns(layer, name, lanes, interleave) for name in LISTS])
    weights, offsets = pack(columns, layer.weight_bits)
    return SparseLayer(
        weights=weights.transpose(0, 2, 1),
        offsets=offsets.transpose(0, 2, 1),
        rest=settling(weights, offsets, columns.shape[2]),
    )


def sparse_layers(network: Network, geometry: Geometry) -> tuple[SparseLayer, ...]:
    """Columns of every layer where they are sparse, else none."""
    if not geometry.sparse_memory:
        return ()
    shape = geometry.lanes, geometry.interleave
    return tuple(sparse_layer(layer, *shape) for layer in network.layers)


def sparse_memory(
    layers: Sequence[SparseLayer], geometry: Geometry, biases: np.ndarray
) -> np.ndarray:
    """A weight memory up to the last word in use.

    Parameters
    ----------
    layers : sequence of SparseLayer
    geometry : Geometry
    biases : ndarray of uint8, shape (words, bytes per word)

    Returns
    -------
    ndarray of uint8, shape (words, bytes per word)
    """
    parts = [np.pad(biases, ((0, len(biases) % 2), (0, 0)))]
    for columns in layers:
        pairs = np.stack((columns.weights, columns.offsets), axis=2)
        parts.append(pack_weights(pairs.reshape(-1, geometry.lanes), geometry.weight_bits))
    return np.concatenate(parts)


def read_sparse_layer(
    cell: Cell, memory: np.ndarray, first: int, words: int, shape: tuple[int, int, int],
    geometry: Geometry,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """A layer's ``weight_x`` and ``weight_h`` from a sparse weight memory.

    Parameters
    ----------
    cell : Cell
    memory : ndarray of uint8, shape (words, bytes per word)
    first, words : int
        Pair of words with which the layer begins, and pairs of a column.
    shape : (int, int, int)
        Its units, inputs, and hidden columns.
    geometry : Geometry

    Raises
    ------
    ValueError
        When a word points beyond the last row, or the memory ends before the layer.
    """
    units, inputs, hidden = shape
    lanes, bits = geometry.lanes, geometry.weight_bits
    rows = ceil_div(units, lanes) * len(cell.passes)
    count = (hidden + inputs) * words
    pairs = unpack_weights(memory[2 * first : 2 * (first + count)], bits)
    if len(pairs) != 2 * count:
        raise ValueError("The sparse columns need more words than there are")
    weights, offsets = pairs.reshape(hidden + inputs, words, 2, lanes).transpose(2, 0, 3, 1)
    offsets = offsets & (1 << bits) - 1
    if (np.where(weights, np.cumsum(offsets, axis=2), 0) >= rows).any():
        raise ValueError(f"A sparse column has a weight beyond the last of its {rows} rows")
    columns = unpack(weights, offsets, rows)
    weight_h = gate_weights(cell, columns[:hidden], "hidden", units, geometry.interleave)
    return gate_weights(cell, columns[hidden:], "inputs", units, geometry.interleave), weight_h


def sparse_words(layer: Layer, lanes: int, burst: int) -> np.ndarray:
    """All columns of a layer one row after another, uint16 of shape (columns, words), for SDRAM.

    A word holds its weight in the lower bits and the rows above it; rows are numbered block, pass,
    unit. Hidden columns come first, then those of inputs. Every column has as many words as the
    longest one, in whole bursts.
    """
    bits = layer.weight_bits
    columns = np.concatenate([lane_columns(layer, name, lanes) for name in LISTS])
    flat = columns.transpose(0, 2, 1).reshape(len(columns), 1, -1)
    weights, offsets = pack(flat, 16 - bits)
    words = (offsets << bits | weights & (1 << bits) - 1)[:, 0]
    return np.pad(words, ((0, 0), (0, -words.shape[1] % burst))).astype(np.uint16)
