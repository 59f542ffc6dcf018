"""Packed columns: only the weights of a streamed column that are not zero.

A word of 16 bits holds a weight in its lower bits, and above it how many rows further than the
word before it the weight lies; the first word counts from row 0. Rows are numbered as the sums of
the layer lie: block, pass, unit. A word whose weight is 0 adds nothing: it bridges rows that are
farther apart than a word can say, or fills the column's last burst.
"""

import numpy as np

from .network import Layer
from .weight_layout import pad_units


def column_weights(layer: Layer, name: str, lanes: int) -> np.ndarray:
    """Weights that a list's entries are multiplied with, int64 of shape (columns, rows).

    Parameters
    ----------
    layer : Layer
    name : str
        ``"hidden"`` or ``"inputs"``.
    lanes : int
    """
    weights = layer.weight_h if name == "hidden" else layer.weight_x
    padded = pad_units(weights, lanes)  # gate, block, lane, column
    passes = layer.cell.passes
    blocks = padded.shape[1]
    rows = np.zeros((weights.shape[2], blocks, len(passes), lanes), np.int64)
    for number, sweep in enumerate(passes):
        if getattr(sweep, name):
            rows[:, :, number] = padded[sweep.gate].transpose(2, 0, 1)
    return rows.reshape(weights.shape[2], blocks * len(passes) * lanes)


def pack_column(weights: np.ndarray, bits: int) -> list[int]:
    """The words of one column of weights of ``bits`` bits, shape (rows,)."""
    words, last, farthest = [], 0, (1 << 16 - bits) - 1
    for row in np.flatnonzero(weights).tolist():
        while row - last > farthest:
            words.append(farthest << bits)
            last += farthest
        words.append(row - last << bits | int(weights[row]) & (1 << bits) - 1)
        last = row
    return words


def packed_words(layer: Layer, lanes: int, burst: int) -> np.ndarray:
    """All columns of a layer, uint16 of shape (columns, words): hidden ones, then inputs.

    Every column has as many words as the longest one, in whole bursts.
    """
    columns = [
        pack_column(weights, layer.weight_bits)
        for name in ("hidden", "inputs")
        for weights in column_weights(layer, name, lanes)
    ]
    longest = max(1, *map(len, columns))
    words = np.zeros((len(columns), -(-longest // burst) * burst), np.uint16)
    for place, column in zip(words, columns, strict=True):
        place[: len(column)] = column
    return words
