"""A network whose weights lie in SDRAM, column after column.

A column is what one event is multiplied with: for each block of P units, for each pass that
multiplies the event's list, the block's P weights. Its words of 16 bits hold the weights of S
units, unit 0 lowest; or the column is sparse, see `thresh.layout.sparse_columns`. A layer starts at
a row of the SDRAM: its hidden columns, then its input columns. Biases stay in the weight memory on
the chip.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from thresh.model.cells import Cell
from thresh.model.network import Layer, Network

from .geometry import Geometry
from .image import Image, bias_words
from .link import checksum
from .memories import read_tensors
from .memory_map import LayerMap, NetworkMap
from .placement import check, measure
from .sdram_chip import BURST_WORDS, SdramChip
from .sparse_columns import gate_weights, sparse_words, unpack
from .weight_layout import pad_units

MOST_WEIGHTS = 1 << 26
"""Of a layer of sparse columns that is read back."""


@dataclass(frozen=True, kw_only=True)
class SdramImage(Image):
    """An image, and the words of the SDRAM beside it.

    Parameters
    ----------
    columns : ndarray of uint16
        Words from address 0 of the SDRAM.
    """

    columns: np.ndarray

    @cached_property
    def hash(self) -> int:
        """As `Image.hash`, of the body and the columns behind it."""
        return checksum(self.columns.astype("<u2").tobytes(), checksum(self.body)) or 1

    @property
    def stored(self) -> bytes:
        """Body and columns."""
        return self.body + self.columns.astype("<u2").tobytes()

    def pages(self, window: int) -> Iterator[tuple[int, np.ndarray]]:
        """Number and bursts of every page of ``window`` bursts; uint8 of shape (bursts, 16)."""
        bursts = self.columns.astype("<u2").view(np.uint8).reshape(-1, 2 * BURST_WORDS)
        for page, start in enumerate(range(0, len(bursts), window)):
            yield page, bursts[start : start + window]


def list_passes(cell: Cell, name: str) -> list[int]:
    """Numbers of the passes that multiply a list, ``"hidden"`` or ``"inputs"``."""
    return [number for number, pass_ in enumerate(cell.passes) if getattr(pass_, name)]


def column_words(layer: Layer, geometry: Geometry) -> np.ndarray:
    """All columns of a layer, uint16 of shape (columns, words): hidden ones, then inputs."""
    parts = []
    for name, weights in (("hidden", layer.weight_h), ("inputs", layer.weight_x)):
        gates = [layer.cell.passes[number].gate for number in list_passes(layer.cell, name)]
        if not gates or not weights.shape[2]:
            continue
        lanes = pad_units(weights, geometry.lanes)[gates]  # pass, block, lane, column
        columns = lanes.transpose(3, 1, 0, 2).reshape(
            weights.shape[2], -1, geometry.pointwise_lanes
        )
        bits = geometry.weight_bits
        places = np.arange(geometry.pointwise_lanes) * bits
        parts.append(((columns & ((1 << bits) - 1)) << places).sum(axis=2))
    return np.concatenate(parts).astype(np.uint16)


def build_sdram_image(
    network: Network, geometry: Geometry, chip: SdramChip, sparse: bool | None = None
) -> SdramImage:
    """Lay out ``network`` for an accelerator whose columns come from SDRAM.

    Parameters
    ----------
    network : Network
    geometry : Geometry
        Whose columns are in SDRAM; where they are ``sparse``, each layer's may be.
    chip : SdramChip
    sparse : bool, optional
        Whether the columns of every layer are; where it is absent, those of the layers that are
        shorter for it, if the geometry is sparse.

    Raises
    ------
    ValueError
        When it does not fit, or the accelerator's columns are not in SDRAM.
    """
    if geometry.columns != "sdram":
        raise ValueError(f"The accelerator's columns must be in sdram, not {geometry.columns!r}")
    if sparse and not geometry.sparse:
        raise ValueError("Sparse columns need an accelerator for sparse columns")
    row_words, at = 1 << chip.column_bits, 0
    layers, words = [], []
    measured = measure(network, geometry)
    for layer, where in zip(network.layers, measured.layers, strict=True):
        columns = column_words(layer, geometry)
        short = sparse_words(layer, geometry.lanes, BURST_WORDS)
        shorter = geometry.sparse and short.shape[1] < columns.shape[1]
        packs = shorter if sparse is None else sparse
        columns = short if packs else columns
        flat = columns.reshape(-1)
        words.append(np.pad(flat, (0, -len(flat) % row_words)))
        bursts = columns.shape[1] // BURST_WORDS
        layers.append(replace(where, weight_base=at // row_words, bursts=bursts, sparse=packs))
        at += len(words[-1])
    if at > 1 << chip.address_bits:
        raise ValueError(
            f"The network does not fit the SDRAM: it needs {at} words, the chip has "
            f"{1 << chip.address_bits}"
        )
    placement = replace(measured, layers=tuple(layers))
    check(placement, network, geometry)
    return SdramImage(
        network=network,
        placement=placement,
        weights=bias_words(network, geometry),
        columns=np.concatenate(words),
    )


def read_sdram_tensors(
    placement: NetworkMap, weights: np.ndarray, columns: np.ndarray, chip: SdramChip
) -> list[dict[str, np.ndarray]]:
    """``weight_x``, ``weight_h`` and ``bias`` of every layer of an `SdramImage`.

    Parameters
    ----------
    placement : NetworkMap
    weights : ndarray of uint8, shape (words, bytes per word)
        Of the weight memory: the biases.
    columns : ndarray of uint16
        Words from address 0 of the SDRAM.
    chip : SdramChip

    Raises
    ------
    ValueError
        When there are fewer words than the layers need, or a column is none.
    """

    def read(layer: LayerMap) -> tuple[np.ndarray, np.ndarray]:
        words, first = layer.bursts * BURST_WORDS, layer.weight_base << chip.column_bits
        mine = columns[first : first + layer.columns * words].astype(np.int64)
        if not words or len(mine) != layer.columns * words:
            raise ValueError("The layers need other words of the SDRAM than there are")
        return _layer_weights(layer, mine.reshape(layer.columns, words))

    return read_tensors(placement, weights, read)


def _layer_weights(layer: LayerMap, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``weight_x`` and ``weight_h`` from a layer's columns: (columns, words) of them."""
    bits, lanes = layer.geometry.weight_bits, layer.geometry.lanes
    lists = {"inputs": words[layer.hidden :], "hidden": words[: layer.hidden]}
    if layer.sparse:
        rows, offsets = layer.accumulators, (words >> bits)[:, None]
        if rows * layer.columns > MOST_WEIGHTS:
            raise ValueError(f"A layer must have at most {MOST_WEIGHTS} weights with its zeros")
        weights = _signed(words, bits)[:, None]
        if (np.where(weights, np.cumsum(offsets, axis=2), 0) >= rows).any():
            raise ValueError(f"A sparse column has a weight beyond the last of its {rows} rows")
        flat = unpack(weights, offsets, rows).reshape(layer.columns, -1, lanes).transpose(0, 2, 1)
        parts = {"inputs": flat[layer.hidden :], "hidden": flat[: layer.hidden]}
        x, h = (gate_weights(layer.cell, parts[name], name, layer.units, 1) for name in lists)
        return x, h
    x, h = (_dense_weights(layer, name, part) for name, part in lists.items())
    return x, h


def _dense_weights(layer: LayerMap, name: str, words: np.ndarray) -> np.ndarray:
    """Weights of a list's dense columns, of shape (gates, units, columns)."""
    passes, geometry = list_passes(layer.cell, name), layer.geometry
    found = np.zeros((len(layer.cell.gates), layer.padded, len(words)), np.int64)
    if not len(words) or not passes:
        return found[:, : layer.units]
    if words.shape[1] * geometry.pointwise_lanes != len(passes) * layer.padded:
        raise ValueError("A layer's columns have other words than its units")
    places = np.arange(geometry.pointwise_lanes) * geometry.weight_bits
    values = _signed(words[..., None] >> places, geometry.weight_bits)
    values = values.reshape(len(words), layer.blocks, len(passes), geometry.lanes)
    for place, number in enumerate(passes):
        rows = values[:, :, place].reshape(len(words), layer.padded)
        found[layer.cell.passes[number].gate] = rows.T
    return found[:, : layer.units]


def _signed(words: np.ndarray, bits: int) -> np.ndarray:
    """The lowest bits of each as a number with a sign."""
    half = 1 << bits - 1
    return (words & 2 * half - 1 ^ half) - half
