"""The network image: layer table, weights and biases in an accelerator's own memory layout.

File layout, little endian: ``THRS``, version u16, reserved u16, length of the JSON header u32,
length of the body u32, header, body (layer table, header words, weight words), CRC-32 of all
before it.
"""

import json
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from thresh.model.arithmetic import ACCUMULATOR_BITS
from thresh.model.cells import CELLS
from thresh.model.files import write_atomically
from thresh.model.model_file import layer_from_parts, layer_scalars, network_metadata
from thresh.model.network import MAX_LAYERS, Network

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
from .placement import Placement, place
from .sizes import ceil_div
from .sparse_columns import read_sparse_layer, sparse_memory
from .weight_layout import (
    lane_biases,
    lane_weights,
    layer_biases,
    layer_weights,
    pack_weights,
    pass_columns,
    unpack_weights,
)

MAGIC = b"THRS"
VERSION = 3
READOUT_TENSORS = ("weight_x", "bias")


@dataclass(frozen=True, kw_only=True)
class Image:
    """A network laid out for one geometry.

    Parameters
    ----------
    network : Network
    geometry : Geometry
    placement : Placement
    header : tuple of int
        One 16-bit word per `HEADER_FIELDS`.
    table : ndarray of uint16, shape (MAX_LAYERS, TABLE_WORDS)
    weights : ndarray of uint8, shape (weight words, bytes per word)
        Little endian: lane 0 in the lowest bits.
    """

    network: Network
    geometry: Geometry
    placement: Placement
    header: tuple[int, ...]
    table: np.ndarray
    weights: np.ndarray

    def to_bytes(self) -> bytes:
        """The file's bytes."""
        description = {
            "geometry": self.geometry.to_dict(),
            "network": network_metadata(self.network),
            "layers": [
                layer_scalars(layer) | {"units": layer.units, "inputs": layer.inputs}
                for layer in self.network.layers
            ],
        }
        if (readout := self.network.readout) is not None:
            arrays = {name: getattr(readout, name).tolist() for name in READOUT_TENSORS}
            description["readout"] = layer_scalars(readout) | arrays
        text = json.dumps(description, sort_keys=True).encode()
        body = self.table.astype("<u2").tobytes()
        body += struct.pack(f"<{len(self.header)}H", *self.header) + self.weights.tobytes()
        head = MAGIC + struct.pack("<HHII", VERSION, 0, len(text), len(body))
        data = head + text + body
        return data + struct.pack("<I", zlib.crc32(data))


def build_image(network: Network, geometry: Geometry) -> Image:
    """Lay out ``network`` for ``geometry``.

    Raises
    ------
    ValueError
        When it does not fit; see `thresh.layout.placement.place`.
    """
    placement = place(network, geometry)
    table, header = layer_table(network, geometry, placement)
    return Image(
        network=network,
        geometry=geometry,
        placement=placement,
        header=header,
        table=table,
        weights=_weight_words(network, geometry, placement),
    )


def layer_table(
    network: Network, geometry: Geometry, placement: Placement
) -> tuple[np.ndarray, tuple[int, ...]]:
    """Layer table and header words of a network that is placed."""
    table = np.zeros((MAX_LAYERS, TABLE_WORDS), np.uint16)
    for number, (layer, placed) in enumerate(zip(network.layers, placement.layers, strict=True)):
        last = number == len(network.layers) - 1
        kind = layer.cell.code | layer.shift << 4 | last * LAST_LAYER
        fields = {
            "kind": kind | network.encoded[number] * ENCODED,
            "blocks_minus_1": placed.blocks - 1,
            "stride": layer.hidden + layer.inputs,
            "hidden": layer.hidden,
            "units_minus_1": layer.units - 1,
            "threshold_h": layer.threshold_h,
        } | vars(placed)
        for column, name in enumerate(MAC_FIELDS):
            table[number, column] = fields[name]
        for column, name in enumerate(POINTWISE_FIELDS, start=POINTWISE_OFFSET):
            table[number, column] = fields[name]
        table[number, COLUMN_WORDS] = placed.column_words | placed.column_rest << REST_SHIFT
    last_words = placement.layers[-1].blocks * geometry.beats
    header = (
        network.inputs - 1,
        network.layers[0].threshold_x,
        placement.bias_base,
        placement.reset_words - 1,
        placement.layers[-1].h_base,
        last_words - 1,
    )
    return table, header


def _weight_words(network: Network, geometry: Geometry, placement: Placement) -> np.ndarray:
    """All layers' weights, then all biases, or sparse; uint8 (words, bytes per word)."""
    if geometry.sparse:
        return sparse_memory(network, geometry, bias_words(network, geometry))
    rows = [
        pack_weights(
            lane_weights(
                layer.cell, layer.weight_x, layer.weight_h, geometry.lanes, geometry.interleave
            ),
            geometry.weight_bits,
        )
        for layer in network.layers
    ]
    rows.append(bias_words(network, geometry))
    words = np.concatenate(rows)
    assert len(words) == placement.weight_words
    return words


def bias_words(network: Network, geometry: Geometry) -> np.ndarray:
    """All biases as words of the weight memory; uint8 (words, bytes per word)."""
    biases = [
        lane_biases(layer.bias, geometry.lanes, geometry.interleave) for layer in network.layers
    ]
    flat = np.concatenate(biases).astype("<i4").tobytes()
    word = geometry.weight_word_bits // 8
    flat += bytes(-len(flat) % word)
    return np.frombuffer(flat, np.uint8).reshape(-1, word)


def parse_image(data: bytes, name: str = "image") -> Image:
    """The inverse of `Image.to_bytes`, exact.

    Raises
    ------
    ValueError
        Naming the field that is truncated, inconsistent or too large.
    """
    if data[:4] != MAGIC:
        raise ValueError(f"{name} is not a network image: it does not begin with THRS")
    if len(data) < 20:
        raise ValueError(f"{name} is truncated in its header: {len(data)} bytes")
    version, _, text_length, body_length = struct.unpack_from("<HHII", data, 4)
    if version != VERSION:
        raise ValueError(f"{name} has image version {version}, this program reads {VERSION}")
    wanted = 16 + text_length + body_length + 4
    if len(data) != wanted:
        raise ValueError(f"{name} is truncated or extended: {len(data)} bytes, not {wanted}")
    (crc,) = struct.unpack("<I", data[-4:])
    if crc != zlib.crc32(data[:-4]):
        raise ValueError(
            f"{name} is damaged: its CRC-32 is {zlib.crc32(data[:-4]):08x}, not {crc:08x}"
        )
    try:
        description = json.loads(data[16 : 16 + text_length])
        geometry = Geometry.from_dict(description["geometry"])
        network = _network_of(description, geometry, data[16 + text_length : -4])
    except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{name} has an inconsistent header: {error}") from error
    image = build_image(network, geometry)
    if image.to_bytes() != data:
        raise ValueError(f"{name} is inconsistent: its layer table does not match its layers")
    return image


def _network_of(description: dict[str, Any], geometry: Geometry, body: bytes) -> Network:
    start = 2 * (MAX_LAYERS * TABLE_WORDS + len(HEADER_FIELDS))
    word = geometry.weight_word_bits // 8
    if (len(body) - start) % word or len(body) < start:
        raise ValueError(f"The image's weights must fill whole words of {word} bytes")
    words = np.frombuffer(body, np.uint8, offset=start).reshape(-1, word)
    table = np.frombuffer(body, "<u2", MAX_LAYERS * TABLE_WORDS).reshape(-1, TABLE_WORDS)
    at, parts = 0, []
    for entry, scalars in zip(table.tolist(), description["layers"], strict=False):
        cell = CELLS.get(scalars["kind"])
        if cell is None:
            raise ValueError(f"The image's layer kind {scalars['kind']!r} is not supported")
        units, inputs = int(scalars["units"]), int(scalars["inputs"])
        hidden = units if cell.recurrent else 0
        count = ceil_div(units, geometry.lanes) * sum(pass_columns(cell, hidden, inputs))
        if units < 1 or inputs < 1 or (at + count > len(words) and not geometry.sparse):
            raise ValueError("The image's layers need more weights than it holds")
        if geometry.sparse:
            first, length = entry[MAC_FIELDS.index("weight_base")], entry[COLUMN_WORDS]
            length &= (1 << REST_SHIFT) - 1
            shape = units, inputs, hidden
            arrays = read_sparse_layer(cell, words, first, length, shape, geometry)
        else:
            lanes = unpack_weights(words[at : at + count], geometry.weight_bits)
            arrays = layer_weights(cell, lanes, units, inputs, geometry.interleave)
            at += count
        parts.append((scalars, cell, units, arrays))
    biases = words[at:].reshape(-1).tobytes()
    biases = biases[: len(biases) // (ACCUMULATOR_BITS // 8) * (ACCUMULATOR_BITS // 8)]
    flat, at, layers = np.frombuffer(biases, "<i4").astype(np.int64), 0, []
    for scalars, cell, units, (weight_x, weight_h) in parts:
        passes = len(cell.passes)
        count = ceil_div(units, geometry.lanes) * passes * geometry.lanes
        if at + count > len(flat):
            raise ValueError("The image's layers need more biases than it holds")
        bias = layer_biases(
            flat[at : at + count], passes, units, geometry.lanes, geometry.interleave
        )
        tensors = {"weight_x": weight_x, "weight_h": weight_h, "bias": bias}
        layers.append(layer_from_parts(scalars, tensors))
        at += count
    readout = description.get("readout")
    if readout is not None:
        tensors = {name: np.array(readout[name], np.int64) for name in READOUT_TENSORS}
        gates, units, _ = tensors["weight_x"].shape
        tensors["weight_h"] = np.zeros((gates, units, 0), np.int64)
        readout = layer_from_parts(readout, tensors)
    return Network(layers=tuple(layers), readout=readout, **description["network"])


def save_image(image: Image, path: Path | str) -> None:
    """Write ``image`` to ``path``, whole or not at all."""
    write_atomically(path, image.to_bytes())


def load_image(path: Path | str) -> Image:
    """Read an image file; see `parse_image`."""
    return parse_image(Path(path).read_bytes(), str(path))
