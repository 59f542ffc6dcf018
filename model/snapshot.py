"""The state of a sequence between two steps, apart from the accelerator that computed it.

Accumulators and lists need not be kept: ``M == bias + W reference`` holds once every delta that was
sent has been accumulated, so that references and state are the whole sequence. A snapshot of one
accelerator goes on in another one, or in the golden model, with the same network.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .network import Layer, Network

MAGIC = b"THSS"
VERSION = 1

_HEAD = struct.Struct("<4sHII")
"""Magic, version, fingerprint and number of values."""


def fingerprint(network: Network) -> int:
    """CRC-32 of all that decides which states a network passes through, but for thresholds."""
    crc = 0
    for layer in network.layers:
        shape = (layer.cell.code, layer.shift, layer.units, layer.inputs, layer.value_bits)
        crc = zlib.crc32(struct.pack("<5H", *shape), crc)
        for tensor in (layer.weight_x, layer.weight_h, layer.bias):
            crc = zlib.crc32(tensor.astype("<i4").tobytes(), crc)
    return crc


@dataclass(frozen=True, kw_only=True)
class LayerSnapshot:
    """What one layer keeps.

    Parameters
    ----------
    registers : dict
        Kept registers by name (``h``, ``s``), int64 of shape (H,).
    reference : ndarray of int64, shape (H,), or None
        Last values sent; None where nothing listens.
    """

    registers: dict[str, np.ndarray]
    reference: np.ndarray | None


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A sequence between two steps.

    Parameters
    ----------
    fingerprint : int
        `fingerprint` of the network.
    reference_x : ndarray of int64, shape (I,)
        Inputs last sent.
    layers : tuple of LayerSnapshot
    """

    fingerprint: int
    reference_x: np.ndarray
    layers: tuple[LayerSnapshot, ...]

    def to_bytes(self) -> bytes:
        """Head, all values as 16 bit, little endian, and a CRC-32."""
        values = [self.reference_x]
        for layer in self.layers:
            values += [*layer.registers.values()]
            values += [] if layer.reference is None else [layer.reference]
        flat = np.concatenate(values).astype("<i2")
        data = _HEAD.pack(MAGIC, VERSION, self.fingerprint, flat.size) + flat.tobytes()
        return data + zlib.crc32(data).to_bytes(4, "little")

    def accumulators(self, network: Network) -> list[np.ndarray]:
        """``bias + W reference`` of every layer, int64 of shape (K, H).

        Raises
        ------
        ValueError
            When the snapshot is of another network.
        """
        refuse_other(network, self.fingerprint)
        inputs, result = self.reference_x, []
        for layer, kept in zip(network.layers, self.layers, strict=True):
            own = np.zeros(0, np.int64) if kept.reference is None else kept.reference
            result.append(_accumulate(layer, inputs, own[: layer.hidden]))
            inputs = own
        return result


def _accumulate(layer: Layer, inputs: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    m = layer.bias.copy()
    for row, pass_ in enumerate(layer.cell.passes):
        if pass_.inputs:
            m[row] += layer.weight_x[pass_.gate] @ inputs
        if pass_.hidden:
            m[row] += layer.weight_h[pass_.gate] @ hidden
    return m


def refuse_other(network: Network, came: int) -> None:
    """Refuse a snapshot whose fingerprint is not the network's.

    Raises
    ------
    ValueError
    """
    wanted = fingerprint(network)
    if came != wanted:
        raise ValueError(
            f"The snapshot is of a network with the fingerprint {came:08x}, this one has "
            f"{wanted:08x}"
        )


def read_snapshot(data: bytes, network: Network) -> Snapshot:
    """The snapshot of ``network`` whose `Snapshot.to_bytes` are ``data``.

    Raises
    ------
    ValueError
        When the bytes are damaged, of another version or of another network.
    """
    if len(data) < _HEAD.size + 4 or data[:4] != MAGIC:
        raise ValueError("This is no snapshot: it does not begin with THSS")
    _, version, came, count = _HEAD.unpack_from(data)
    if version != VERSION:
        raise ValueError(f"The snapshot has version {version}, this program reads {VERSION}")
    if len(data) != _HEAD.size + 2 * count + 4 or zlib.crc32(data) != 0x2144DF1C:
        raise ValueError("The snapshot is damaged or cut off")
    refuse_other(network, came)
    values = np.frombuffer(data, "<i2", count, _HEAD.size).astype(np.int64)
    sizes = list(_sizes(network))
    if sum(sizes) != count:
        raise ValueError(f"The snapshot holds {count} values, its network has {sum(sizes)}")
    parts = iter(np.split(values, np.cumsum(sizes)[:-1]))
    reference_x = next(parts)
    layers = tuple(
        LayerSnapshot(
            registers={name: next(parts) for name in layer.cell.persistent},
            reference=next(parts) if encoded else None,
        )
        for layer, encoded in zip(network.layers, network.encoded, strict=True)
    )
    return Snapshot(fingerprint=came, reference_x=reference_x, layers=layers)


def _sizes(network: Network) -> Iterator[int]:
    """Sizes of a snapshot's vectors, in order."""
    yield network.inputs
    for layer, encoded in zip(network.layers, network.encoded, strict=True):
        yield from [layer.units] * (len(layer.cell.persistent) + encoded)
