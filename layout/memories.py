"""What an accelerator's memories mean: the inverse of `thresh.layout.image`, from words alone.

Host and simulators use it to address and decode the memories of whatever network is loaded,
without the image that was loaded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thresh.model.arithmetic import ACCUMULATOR_BITS, pre_format
from thresh.model.cells import CELLS, KIND_OF_CODE, Cell
from thresh.model.network import MAX_LAYERS, Layer, Network

from .geometry import Geometry
from .layer_table import (
    COLUMN_WORDS,
    ENCODED,
    HEADER_FIELDS,
    LAST_LAYER,
    MAC_FIELDS,
    POINTWISE_FIELDS,
    POINTWISE_OFFSET,
    REST_SHIFT,
    TABLE_WORDS,
)
from .packet_budget import PacketBudget
from .sizes import ceil_div
from .sparse_columns import read_sparse_layer
from .weight_layout import lane_biases, layer_biases, layer_weights, pass_columns, unpack_weights


@dataclass(frozen=True, kw_only=True)
class LayerMap:
    """One entry of the layer table, in the units of `thresh.layout.placement.LayerPlacement`.

    Parameters
    ----------
    kind : str
    shift, units, inputs, hidden, blocks, threshold_h : int
    encoded : bool
        Whether the output is delta encoded.
    weight_base, accumulator_base, h_base, s_base, x_segment, h_segment : int
    lanes, interleave : int
        As `thresh.layout.geometry.Geometry`'s.
    column_words : int
        Words of a column where columns are sparse, else 0.
    """

    kind: str
    shift: int
    units: int
    inputs: int
    hidden: int
    blocks: int
    threshold_h: int
    encoded: bool
    weight_base: int
    accumulator_base: int
    h_base: int
    s_base: int
    x_segment: int
    h_segment: int
    lanes: int
    interleave: int
    column_words: int = 0

    @property
    def cell(self) -> Cell:
        """The layer's kind as data."""
        return CELLS[self.kind]

    @property
    def padded(self) -> int:
        """Units with the padding of the last block."""
        return self.blocks * self.lanes

    @property
    def accumulators(self) -> int:
        """Accumulators with padding."""
        return self.padded * len(self.cell.passes)

    def pack_accumulators(self, m: np.ndarray) -> np.ndarray:
        """(K, H) to the order of the delta memory, flat, padded with 0."""
        return lane_biases(m, self.lanes, self.interleave)

    def unpack_accumulators(self, flat: np.ndarray) -> np.ndarray:
        """The inverse of `pack_accumulators`, shape (K, H)."""
        return layer_biases(flat, len(self.cell.passes), self.units, self.lanes, self.interleave)


@dataclass(frozen=True, kw_only=True)
class NetworkMap:
    """The layer table and header of a loaded network.

    Parameters
    ----------
    layers : tuple of LayerMap
    inputs, threshold_x, bias_base, reset_words, output_base, output_words : int
    """

    layers: tuple[LayerMap, ...]
    inputs: int
    threshold_x: int
    bias_base: int
    reset_words: int
    output_base: int
    output_words: int

    @property
    def outputs(self) -> int:
        """Outputs per step."""
        return self.layers[-1].units

    @property
    def packets(self) -> PacketBudget:
        """What a step sends over the link."""
        last = self.layers[-1]
        return PacketBudget(inputs=self.inputs, outputs=last.units, lanes=last.lanes)

    def weight_words(self, geometry: Geometry) -> int:
        """Words of the weight memory up to the last in use."""
        last = self.layers[-1]
        if geometry.sparse:
            return 2 * (last.weight_base + (last.hidden + last.inputs) * last.column_words)
        biases = sum(layer.accumulators for layer in self.layers) * ACCUMULATOR_BITS
        return self.bias_base + ceil_div(biases, geometry.weight_word_bits)


def read_map(table: np.ndarray, header: Sequence[int], geometry: Geometry) -> NetworkMap:
    """Decode the layer table and the header.

    Parameters
    ----------
    table : ndarray of uint16, `MAX_LAYERS` times `TABLE_WORDS` words in any shape
    header : sequence of int
        At least one word per `HEADER_FIELDS`.
    geometry : Geometry

    Raises
    ------
    ValueError
        When they do not describe a network.
    """
    rows = np.asarray(table).reshape(MAX_LAYERS, TABLE_WORDS)
    head = {name: int(word) for name, word in zip(HEADER_FIELDS, header, strict=False)}
    layers: list[LayerMap] = []
    for number, row in enumerate(rows):
        words = dict(zip(MAC_FIELDS, map(int, row), strict=False))
        second = dict(zip(POINTWISE_FIELDS, map(int, row[POINTWISE_OFFSET:]), strict=True))
        for name in words.keys() & second.keys():
            if words[name] != second[name]:
                raise ValueError(
                    f"Layer {number} of the layer table has two values of {name}: {words[name]} "
                    f"and {second[name]}"
                )
        words |= second
        kind, blocks, units = words["kind"], words["blocks_minus_1"] + 1, words["units_minus_1"] + 1
        if kind & 15 not in KIND_OF_CODE:
            raise ValueError(f"Layer {number} of the layer table has the unknown kind {kind & 15}")
        if blocks != -(-units // geometry.lanes) or not 0 <= words["hidden"] < words["stride"]:
            raise ValueError(f"Layer {number} of the layer table has inconsistent sizes")
        layers.append(
            LayerMap(
                kind=KIND_OF_CODE[kind & 15],
                shift=kind >> 4 & 15,
                units=units,
                inputs=words["stride"] - words["hidden"],
                blocks=blocks,
                encoded=bool(kind & ENCODED),
                lanes=geometry.lanes,
                interleave=geometry.interleave,
                column_words=int(row[COLUMN_WORDS]) % (1 << REST_SHIFT) * geometry.sparse,
                **{
                    name: words[name]
                    for name in (
                        "hidden", "threshold_h", "weight_base", "accumulator_base", "h_base",
                        "s_base", "x_segment", "h_segment",
                    )
                },
            )
        )  # fmt: skip
        if kind & LAST_LAYER:
            break
    else:
        raise ValueError(f"The layer table ends without a last layer after {MAX_LAYERS} layers")
    if layers[0].inputs != head["inputs_minus_1"] + 1:
        raise ValueError("The header's inputs do not agree with the layer table")
    return NetworkMap(
        layers=tuple(layers),
        inputs=head["inputs_minus_1"] + 1,
        threshold_x=head["threshold_x"],
        bias_base=head["bias_base"],
        reset_words=head["reset_minus_1"] + 1,
        output_base=head["output_base"],
        output_words=head["output_words_minus_1"] + 1,
    )


def read_network(plan: NetworkMap, weights: np.ndarray, geometry: Geometry) -> Network:
    """The network in a weight memory: every integer as loaded.

    How an accumulator's fraction bits divide between values and weights is not in the memories
    and changes no result; the network's inputs are given none.

    Parameters
    ----------
    plan : NetworkMap
    weights : ndarray of uint8, shape (words, bytes per word)
    geometry : Geometry

    Raises
    ------
    ValueError
        When they do not describe a network.
    """
    biases = np.ascontiguousarray(weights[plan.bias_base :]).reshape(-1)
    flat = biases[: len(biases) // 4 * 4].view("<i4").astype(np.int64)
    layers: list[Layer] = []
    x_frac, threshold_x, at = 0, plan.threshold_x, 0
    for layer in plan.layers:
        weight_x, weight_h = _read_weights(layer, weights, geometry)
        frac = layer.shift + pre_format(geometry.value_bits).frac
        h_frac = geometry.value_bits - layer.cell.integer_bits
        layers.append(
            Layer(
                kind=layer.kind,
                weight_h=weight_h,
                weight_x=weight_x,
                bias=layer.unpack_accumulators(flat[at : at + layer.accumulators]),
                x_frac=x_frac,
                weight_x_frac=frac - x_frac,
                weight_h_frac=frac - h_frac,
                threshold_x=threshold_x,
                threshold_h=layer.threshold_h,
                weight_bits=geometry.weight_bits,
                value_bits=geometry.value_bits,
            )
        )
        x_frac, threshold_x, at = h_frac, layer.threshold_h, at + layer.accumulators
    return Network(layers=tuple(layers))


def _read_weights(
    layer: LayerMap, weights: np.ndarray, geometry: Geometry
) -> tuple[np.ndarray, np.ndarray]:
    first = layer.weight_base
    if geometry.sparse:
        shape = layer.units, layer.inputs, layer.hidden
        return read_sparse_layer(
            layer.cell, weights, first, layer.column_words, shape, geometry
        )  # fmt: skip
    count = layer.blocks * sum(pass_columns(layer.cell, layer.hidden, layer.inputs))
    lanes = unpack_weights(weights[first : first + count], geometry.weight_bits)
    return layer_weights(layer.cell, lanes, layer.units, layer.inputs, layer.interleave)
