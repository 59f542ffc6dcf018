"""The network image: layer table, weights and biases in an accelerator's own memory layout.

File layout, little endian: ``THRS``, version u16, reserved u16, length of the JSON header u32,
length of the body u32, header, body (layer table, header words, weight words, and where columns are
in SDRAM its words), CRC-32 of all before it.
"""

import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from thresh.model.description import ImageDescription
from thresh.model.files import write_atomically
from thresh.model.model_file import (
    layer_from_parts,
    layer_scalars,
    metadata_from,
    network_metadata,
)
from thresh.model.network import MAX_LAYERS, Network
from thresh.model.text import shown
from thresh.model.untrusted import DAMAGE, json_of, read_bytes, validated

from .geometry import Geometry
from .layer_table import HEADER_FIELDS, TABLE_WORDS
from .link import Region, checksum
from .memories import ACCUMULATOR, map_words, read_map, read_tensors
from .memory_map import NetworkMap
from .placement import place
from .sdram_chip import ULX3S_SDRAM
from .sparse_columns import sparse_layers, sparse_memory
from .weight_layout import lane_biases, lane_weights, pack_weights

MAGIC = b"THRS"
VERSION = 3
HEAD = struct.Struct("<4sHHII")
"""What a file begins with, before its JSON header."""

CRC_BYTES = 4
READOUT_TENSORS = ("weight_x", "bias")
BODY_HEAD_BYTES = 2 * (MAX_LAYERS * TABLE_WORDS + len(HEADER_FIELDS))
"""Of the layer table and the header words, before the weights."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """A network laid out for one geometry.

    Parameters
    ----------
    network : Network
    placement : NetworkMap
    weights : ndarray of uint8, shape (weight words, bytes per word)
        Little endian: lane 0 in the lowest bits.
    """

    network: Network
    placement: NetworkMap
    weights: np.ndarray

    @property
    def geometry(self) -> Geometry:
        """Of the accelerator."""
        return self.placement.geometry

    @cached_property
    def _words(self) -> tuple[np.ndarray, tuple[int, ...]]:
        return map_words(self.placement)

    @property
    def table(self) -> np.ndarray:
        """The layer table, uint16 of shape (MAX_LAYERS, TABLE_WORDS)."""
        return self._words[0]

    @property
    def header(self) -> tuple[int, ...]:
        """One 16-bit word per `HEADER_FIELDS`."""
        return self._words[1]

    @property
    def regions(self) -> dict[Region, np.ndarray]:
        """Words of each memory from address 0; uint8 of shape (words, bytes per word)."""
        return {
            Region.TABLE: self.table.astype("<u2").reshape(-1, 1).view(np.uint8),
            Region.HEADER: np.array(self.header, "<u2").reshape(-1, 1).view(np.uint8),
            Region.WEIGHTS: self.weights,
        }

    @property
    def body(self) -> bytes:
        """Layer table, header words and weight words, as they are sent to an accelerator."""
        return b"".join(words.tobytes() for words in self.regions.values())

    @cached_property
    def hash(self) -> int:
        """CRC-32 of all that an accelerator is given, by which it says which network it holds.

        One of 0, which says nothing, is 1.
        """
        return checksum(self.body) or 1

    @property
    def stored(self) -> bytes:
        """What a file holds behind its header."""
        return self.body

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
        stored = self.stored
        head = HEAD.pack(MAGIC, VERSION, 0, len(text), len(stored))
        data = head + text + stored
        return data + struct.pack("<I", zlib.crc32(data))


def build_image(network: Network, geometry: Geometry) -> Image:
    """Lay out ``network`` for ``geometry``.

    Raises
    ------
    ValueError
        When it does not fit, see `thresh.layout.placement.place`; or columns are in SDRAM, which
        `thresh.layout.sdram_image.build_sdram_image` lays out.
    """
    if geometry.columns != "chip":
        raise ValueError("An image of columns on the chip cannot be laid out for columns in SDRAM")
    columns = sparse_layers(network, geometry)
    placement = place(network, geometry, columns)
    biases = bias_words(network, geometry)
    if geometry.sparse_memory:
        weights = sparse_memory(columns, geometry, biases)
    else:
        weights = np.concatenate([*_layer_words(network, geometry), biases])
    assert len(weights) == placement.weight_words
    return Image(network=network, placement=placement, weights=weights)


def _layer_words(network: Network, geometry: Geometry) -> Sequence[np.ndarray]:
    """Weights of every layer that is not sparse; uint8 (words, bytes per word)."""
    shape = geometry.lanes, geometry.interleave
    words = [
        lane_weights(layer.cell, layer.weight_x, layer.weight_h, *shape) for layer in network.layers
    ]
    return [pack_weights(one, geometry.weight_bits) for one in words]


def bias_words(network: Network, geometry: Geometry) -> np.ndarray:
    """All biases as words of the weight memory; uint8 (words, bytes per word)."""
    biases = [
        lane_biases(layer.bias, geometry.lanes, geometry.interleave) for layer in network.layers
    ]
    flat = np.concatenate(biases).astype(ACCUMULATOR).tobytes()
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
    if len(data) < HEAD.size + CRC_BYTES:
        raise ValueError(f"{name} is truncated in its header: {len(data)} bytes")
    _, version, _, text_length, body_length = HEAD.unpack_from(data)
    if version != VERSION:
        raise ValueError(f"{name} has image version {version}, this program reads {VERSION}")
    wanted = HEAD.size + text_length + body_length + CRC_BYTES
    if len(data) != wanted:
        raise ValueError(f"{name} is truncated or extended: {len(data)} bytes, not {wanted}")
    (crc,) = struct.unpack("<I", data[-CRC_BYTES:])
    if crc != zlib.crc32(data[:-CRC_BYTES]):
        raise ValueError(
            f"{name} is damaged: its CRC-32 is {zlib.crc32(data[:-CRC_BYTES]):08x}, not {crc:08x}"
        )
    try:
        body = HEAD.size + text_length
        text = json_of(data[HEAD.size : body], "its header")
        description = validated(ImageDescription, text, "its header")
        geometry = Geometry.from_dict(description.geometry)
        network = _network_of(description, geometry, data[body:-CRC_BYTES])
    except DAMAGE as error:
        raise ValueError(f"{name} has an inconsistent header: {shown(error, 200)}") from error
    image = _laid_out(network, geometry)
    if image.to_bytes() != data:
        raise ValueError(f"{name} is inconsistent: its layer table does not match its layers")
    return image


def _laid_out(network: Network, geometry: Geometry) -> Image:
    if geometry.columns == "chip":
        return build_image(network, geometry)
    from .sdram_image import build_sdram_image  # which is an image itself

    return build_sdram_image(network, geometry, ULX3S_SDRAM)


def _tensors_of(placement: NetworkMap, words: bytes) -> list[dict[str, np.ndarray]]:
    word = placement.geometry.weight_word_bits // 8
    columns = b""
    if placement.geometry.columns == "sdram":
        at = placement.weight_words * word
        words, columns = words[:at], words[at:]
    if len(words) % word or len(columns) % 2:
        raise ValueError(f"The image's weights must fill whole words of {word} bytes")
    weights = np.frombuffer(words, np.uint8).reshape(-1, word)
    if placement.geometry.columns == "chip":
        return read_tensors(placement, weights)
    from .sdram_image import read_sdram_tensors

    return read_sdram_tensors(placement, weights, np.frombuffer(columns, "<u2"), ULX3S_SDRAM)


def _network_of(description: ImageDescription, geometry: Geometry, body: bytes) -> Network:
    if len(body) < BODY_HEAD_BYTES:
        raise ValueError(f"The image's body must have {BODY_HEAD_BYTES} bytes before its weights")
    head = np.frombuffer(body, "<u2", BODY_HEAD_BYTES // 2)
    count = MAX_LAYERS * TABLE_WORDS
    placement = read_map(head[:count], head[count:].tolist(), geometry)
    found = _tensors_of(placement, body[BODY_HEAD_BYTES:])
    layers = [
        layer_from_parts(scalars.model_dump(), tensors)
        for scalars, tensors in zip(description.layers, found, strict=True)
    ]
    readout = None
    if description.readout is not None:
        fields = description.readout.model_dump()
        tensors = {name: np.array(fields[name], np.int64) for name in READOUT_TENSORS}
        gates, units, _ = tensors["weight_x"].shape
        tensors["weight_h"] = np.zeros((gates, units, 0), np.int64)
        readout = layer_from_parts(fields, tensors)
    return Network(layers=tuple(layers), readout=readout, **metadata_from(description.network))


def save_image(image: Image, path: Path | str) -> None:
    """Write ``image`` to ``path``, whole or not at all."""
    write_atomically(path, image.to_bytes())


def load_image(path: Path | str) -> Image:
    """Read an image file; see `parse_image`."""
    return parse_image(read_bytes(path), str(path))
