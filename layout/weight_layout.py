"""Weights and biases of a layer as words for P lanes, and back.

Words lie in the order of `walk`: for each block of P units, for each pass of the cell, first the
hidden columns it multiplies, then the input columns; lane p of a word is unit p of the block.
Biases follow the delta memory: for each block and pass, P of 32 bits. Where blocks are taken in
pairs, each pass is run over both before the next.
"""

from collections.abc import Iterator

import numpy as np

from thresh.model.cells import Cell


def pass_columns(cell: Cell, hidden: int, inputs: int) -> list[int]:
    """Columns each pass multiplies."""
    return [pass_.hidden * hidden + pass_.inputs * inputs for pass_ in cell.passes]


def walk(blocks: int, passes: int, interleave: int) -> Iterator[tuple[int, int]]:
    """Block and pass, in the order in which the lanes run them and the program takes their sums."""
    for first in range(0, blocks, interleave):
        for pass_ in range(passes):
            for block in range(first, min(first + interleave, blocks)):
                yield block, pass_


def pad_units(array: np.ndarray, lanes: int) -> np.ndarray:
    """(A, H, ...) -> (A, blocks, lanes, ...) with zero units at the end."""
    short = -array.shape[1] % lanes
    padded = np.pad(array, [(0, 0), (0, short)] + [(0, 0)] * (array.ndim - 2))
    blocks = padded.shape[1] // lanes
    return padded.reshape(array.shape[0], blocks, lanes, *array.shape[2:])


def lane_weights(
    cell: Cell, weight_x: np.ndarray, weight_h: np.ndarray, lanes: int, interleave: int
) -> np.ndarray:
    """(G, H, I) and (G, H, hidden) to words of lanes, int64 (words, lanes)."""
    x, h = pad_units(weight_x, lanes), pad_units(weight_h, lanes)
    passes_ = [
        np.concatenate(
            (h[pass_.gate][..., : h.shape[-1] * pass_.hidden],
             x[pass_.gate][..., : x.shape[-1] * pass_.inputs]),
            axis=2,
        )
        for pass_ in cell.passes
    ]  # fmt: skip
    order = walk(x.shape[1], len(passes_), interleave)
    return np.concatenate([passes_[pass_][block].T for block, pass_ in order])


def layer_weights(
    cell: Cell, words: np.ndarray, units: int, inputs: int, interleave: int
) -> tuple[np.ndarray, np.ndarray]:
    """The inverse of `lane_weights`: weight_x (G, H, I) and weight_h (G, H, hidden)."""
    hidden = units if cell.recurrent else 0
    counts = pass_columns(cell, hidden, inputs)
    lanes = words.shape[1]
    blocks = len(words) // sum(counts)
    weight_x = np.zeros((len(cell.gates), blocks * lanes, inputs), np.int64)
    weight_h = np.zeros((len(cell.gates), blocks * lanes, hidden), np.int64)
    at = 0
    for block, number in walk(blocks, len(counts), interleave):
        pass_, count = cell.passes[number], counts[number]
        part, rows = words[at : at + count].T, slice(block * lanes, (block + 1) * lanes)
        if pass_.hidden:
            weight_h[pass_.gate, rows] = part[:, :hidden]
        if pass_.inputs:
            weight_x[pass_.gate, rows] = part[:, count - inputs :]
        at += count
    return weight_x[:, :units], weight_h[:, :units]


def lane_biases(bias: np.ndarray, lanes: int, interleave: int) -> np.ndarray:
    """(K, H) to the order of the delta memory, flat, padded with 0."""
    padded = pad_units(bias, lanes)
    order = walk(padded.shape[1], len(bias), interleave)
    return np.concatenate([padded[pass_, block] for block, pass_ in order])


def layer_biases(
    flat: np.ndarray, passes: int, units: int, lanes: int, interleave: int
) -> np.ndarray:
    """The inverse of `lane_biases`."""
    blocks = len(flat) // (passes * lanes)
    padded = np.zeros((passes, blocks, lanes), flat.dtype)
    rows = flat.reshape(-1, lanes)
    for row, (block, pass_) in zip(rows, walk(blocks, passes, interleave), strict=True):
        padded[pass_, block] = row
    return padded.reshape(passes, -1)[:, :units]


def pack_weights(weights: np.ndarray, bits: int) -> np.ndarray:
    """int64 (words, lanes) to uint8 (words, bytes per word), lane 0 in the lowest bits."""
    unsigned: np.ndarray = (weights & ((1 << bits) - 1)).astype(np.uint8)
    if bits == 4:
        unsigned = unsigned[:, 0::2] | unsigned[:, 1::2] << 4
    return unsigned


def unpack_weights(words: np.ndarray, bits: int) -> np.ndarray:
    """The inverse of `pack_weights`."""
    if bits == 4:
        words = np.stack((words & 15, words >> 4), axis=2).reshape(len(words), -1)
    signed = words.astype(np.int64)
    return np.where(signed >= 1 << (bits - 1), signed - (1 << bits), signed)
