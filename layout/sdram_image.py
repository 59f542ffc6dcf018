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
from .placement import check, measure
from .sdram_chip import BURST_WORDS, SdramChip
from .sparse_columns import sparse_words
from .weight_layout import pad_units


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

    def to_bytes(self) -> bytes:
        """No image file holds the columns of an SDRAM.

        Raises
        ------
        ValueError
        """
        raise ValueError(
            "An image file holds no columns for an SDRAM: connect to the accelerator, which loads "
            "them over the link"
        )

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
