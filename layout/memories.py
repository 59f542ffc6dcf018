"""What an accelerator's memories mean: a memory map as words, and networks out of words.

Host and simulators use it to address and decode the memories of whatever network is loaded,
without the image that was loaded; image files are decoded by it as well.
"""

from collections.abc import Callable, Sequence

import numpy as np

from thresh.model.arithmetic import ACCUMULATOR_BITS, pre_format
from thresh.model.cells import KIND_OF_CODE
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
    SPARSE,
    TABLE_WORDS,
)
from .memory_map import LayerMap, NetworkMap
from .sparse_columns import read_sparse_layer
from .weight_layout import layer_weights, unpack_weights

ADDRESSES = (
    "threshold_h", "weight_base", "accumulator_base", "h_base", "s_base", "x_segment", "h_segment",
)  # fmt: skip
"""Words of a table entry that are a `LayerMap`'s as they stand."""

ACCUMULATOR = f"<i{ACCUMULATOR_BITS // 8}"


def map_words(placement: NetworkMap) -> tuple[np.ndarray, tuple[int, ...]]:
    """The layer table, uint16 of shape (MAX_LAYERS, TABLE_WORDS), and the header's words."""
    table = np.zeros((MAX_LAYERS, TABLE_WORDS), np.uint16)
    for number, layer in enumerate(placement.layers):
        table[number] = _entry(layer, last=number == len(placement.layers) - 1)
    fields = {
        "inputs_minus_1": placement.inputs - 1,
        "threshold_x": placement.threshold_x,
        "bias_base": placement.bias_base,
        "reset_minus_1": placement.reset_words - 1,
        "output_base": placement.output_base,
        "output_words_minus_1": placement.output_words - 1,
    }
    return table, tuple(fields[name] for name in HEADER_FIELDS)


def _entry(layer: LayerMap, *, last: bool) -> list[int]:
    flags = last * LAST_LAYER | layer.encoded * ENCODED | layer.sparse * SPARSE
    fields = {name: getattr(layer, name) for name in ADDRESSES} | {
        "kind": layer.cell.code | layer.shift << 4 | flags,
        "blocks_minus_1": layer.blocks - 1,
        "stride": layer.columns,
        "hidden": layer.hidden,
        "units_minus_1": layer.units - 1,
    }
    words = [0] * TABLE_WORDS
    words[: len(MAC_FIELDS)] = [fields[name] for name in MAC_FIELDS]
    words[COLUMN_WORDS] = layer.bursts or layer.column_words | layer.column_rest << REST_SHIFT
    words[POINTWISE_OFFSET:] = [fields[name] for name in POINTWISE_FIELDS]
    return words


def read_map(table: np.ndarray, header: Sequence[int], geometry: Geometry) -> NetworkMap:
    """The inverse of `map_words`.

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
    rows = np.asarray(table).reshape(MAX_LAYERS, TABLE_WORDS).tolist()
    layers: list[LayerMap] = []
    for number, row in enumerate(rows):
        layer, last = _layer(number, row, geometry)
        layers.append(layer)
        if last:
            break
    else:
        raise ValueError(f"The layer table ends without a last layer after {MAX_LAYERS} layers")
    head = {name: int(word) for name, word in zip(HEADER_FIELDS, header, strict=False)}
    if layers[0].inputs != head["inputs_minus_1"] + 1:
        raise ValueError("The header's inputs do not agree with the layer table")
    placement = NetworkMap(
        geometry=geometry,
        layers=tuple(layers),
        threshold_x=head["threshold_x"],
        bias_base=head["bias_base"],
    )
    for name, word in zip(HEADER_FIELDS, map_words(placement)[1], strict=True):
        if head[name] != word:
            raise ValueError(
                f"The header's {name} must be {word} as the layer table has it, not {head[name]}"
            )
    return placement


def _layer(number: int, row: list[int], geometry: Geometry) -> tuple[LayerMap, bool]:
    """An entry of the layer table, and whether it is the last."""
    words = dict(zip(MAC_FIELDS, row, strict=False))
    second = dict(zip(POINTWISE_FIELDS, row[POINTWISE_OFFSET:], strict=True))
    for name in words.keys() & second.keys():
        if words[name] != second[name]:
            raise ValueError(
                f"Layer {number} of the layer table has two values of {name}: {words[name]} "
                f"and {second[name]}"
            )
    words |= second
    kind, column = words["kind"], row[COLUMN_WORDS]
    if kind & 15 not in KIND_OF_CODE:
        raise ValueError(f"Layer {number} of the layer table has the unknown kind {kind & 15}")
    columns = {"bursts": column}
    if geometry.sparse_memory:
        columns = {"column_words": column % (1 << REST_SHIFT), "column_rest": column >> REST_SHIFT}
    layer = LayerMap(
        geometry=geometry,
        kind=KIND_OF_CODE[kind & 15],
        shift=kind >> 4 & 15,
        units=words["units_minus_1"] + 1,
        inputs=words["stride"] - words["hidden"],
        encoded=bool(kind & ENCODED),
        sparse=bool(kind & SPARSE),
        **columns,
        **{name: words[name] for name in ADDRESSES},
    )
    last = bool(kind & LAST_LAYER)
    if layer.inputs < 1 or _entry(layer, last=last) != row:
        raise ValueError(f"Layer {number} of the layer table has inconsistent sizes")
    return layer, last


def read_tensors(
    placement: NetworkMap,
    weights: np.ndarray,
    read: Callable[[LayerMap], tuple[np.ndarray, np.ndarray]] | None = None,
) -> list[dict[str, np.ndarray]]:
    """``weight_x``, ``weight_h`` and ``bias`` of every layer in a weight memory, as loaded.

    Parameters
    ----------
    placement : NetworkMap
    weights : ndarray of uint8, shape (words, bytes per word)
    read : callable, optional
        Gives ``weight_x`` and ``weight_h`` of a layer whose columns are elsewhere.

    Raises
    ------
    ValueError
        When the memory ends before the layers do, or a sparse column is no column.
    """
    needed = placement.weight_words
    if len(weights) < needed:
        raise ValueError(f"The layers need {needed} weight words, more words than there are")
    biases = np.ascontiguousarray(weights[placement.bias_base : needed]).reshape(-1)
    flat, at, found = biases.view(ACCUMULATOR).astype(np.int64), 0, []
    for layer in placement.layers:
        weight_x, weight_h = read(layer) if read else _read_weights(layer, weights)
        bias = layer.unpack_accumulators(flat[at : at + layer.accumulators])
        found.append({"weight_x": weight_x, "weight_h": weight_h, "bias": bias})
        at += layer.accumulators
    return found


def read_network(placement: NetworkMap, weights: np.ndarray) -> Network:
    """The network in a weight memory: every integer as loaded.

    How an accumulator's fraction bits divide between values and weights is not in the memories
    and changes no result; the network's inputs are given none.

    Parameters
    ----------
    placement : NetworkMap
    weights : ndarray of uint8, shape (words, bytes per word)

    Raises
    ------
    ValueError
        When they do not describe a network.
    """
    shape, layers = placement.geometry, []
    x_frac, threshold_x = 0, placement.threshold_x
    for layer, tensors in zip(placement.layers, read_tensors(placement, weights), strict=True):
        frac = layer.shift + pre_format(shape.value_bits).frac
        h_frac = shape.value_bits - layer.cell.integer_bits
        layers.append(
            Layer(
                kind=layer.kind,
                x_frac=x_frac,
                weight_x_frac=frac - x_frac,
                weight_h_frac=frac - h_frac,
                threshold_x=threshold_x,
                threshold_h=layer.threshold_h,
                weight_bits=shape.weight_bits,
                value_bits=shape.value_bits,
                **tensors,
            )
        )
        x_frac, threshold_x = h_frac, layer.threshold_h
    return Network(layers=tuple(layers))


def _read_weights(layer: LayerMap, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    shape, first = layer.geometry, layer.weight_base
    if shape.sparse_memory:
        sizes = layer.units, layer.inputs, layer.hidden
        return read_sparse_layer(layer.cell, weights, first, layer.column_words, sizes, shape)
    lanes = unpack_weights(weights[first : first + layer.weight_words], shape.weight_bits)
    return layer_weights(layer.cell, lanes, layer.units, layer.inputs, shape.interleave)
