"""Arrays of HDF5 files of others: their own bytes alone, of a size that the file may hold."""

import io
import struct
from typing import Any

import numpy as np

from thresh.model.text import shown
from thresh.model.untrusted import Allowance

HEAP, HEAP_HEAD, OBJECT_HEAD = b"GCOL", 16, 16
"""A global heap's signature, and bytes before it begins and before each of its objects."""


BFLOAT16 = np.dtype("V2")
"""How Keras' bfloat16 is read, which NumPy does not know."""


def open_hdf5(data: bytes) -> Any:
    """An ``h5py.File`` of these bytes.

    Raises
    ------
    ValueError
        When a heap of texts is damaged in a way that its library would read for ever.
    OSError
        When they are no HDF5.
    """
    import h5py

    refuse_endless(data)
    return h5py.File(io.BytesIO(data), "r")


def refuse_endless(data: bytes) -> None:
    """Refuse global heaps whose objects do not lead to their end, and texts longer than theirs.

    Raises
    ------
    ValueError
        With the place of the heap.
    """
    at = data.find(HEAP)
    while at >= 0:
        place, size = at + HEAP_HEAD, int.from_bytes(data[at + 8 : at + 16], "little")
        end = at + size
        lengths: dict[int, int] = {}
        while data[at + 4 : at + 5] == b"\1" and end <= len(data) and place + OBJECT_HEAD <= end:
            index, _, _, length = struct.unpack_from("<HHIQ", data, place)
            step = length if index == 0 else OBJECT_HEAD + (length + 7) // 8 * 8
            if step < OBJECT_HEAD or place + step > end:
                raise ValueError(f"its heap of texts at byte {at} is damaged")
            lengths[index] = length
            place += step
        _refuse_longer(data, at, lengths)
        at = data.find(HEAP, at + 1)


def _refuse_longer(data: bytes, heap: int, lengths: dict[int, int]) -> None:
    """Refuse references to objects of ``heap`` that say more than these ``lengths``."""
    address = heap.to_bytes(8, "little")
    at = data.find(address, 4)
    while at >= 0:
        (length,) = struct.unpack_from("<I", data, at - 4)
        index = int.from_bytes(data[at + 8 : at + 12], "little")
        if index and length > lengths.get(index, length):
            raise ValueError(f"a text at byte {at - 4} says {length:,} letters, more than it has")
        at = data.find(address, at + 1)


def child(group: Any, path: str) -> Any:
    """A member of a group by its path, None when there is none.

    Raises
    ------
    ValueError
        When the path leads out of the file.
    """
    import h5py

    for part in filter(None, path.split("/")):
        if not isinstance(group, h5py.Group):
            return None
        link = group.get(part, getlink=True)
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise ValueError(f"{shown(path, 60)} is a link to elsewhere, which is not followed")
        group = group[part]
    return group


def array(found: Any, allowance: Allowance, name: str) -> np.ndarray:
    """Numbers of a dataset.

    Parameters
    ----------
    found : h5py.Dataset
    allowance : Allowance
        What may still be unpacked of the file it lies in.
    name : str

    Raises
    ------
    ValueError
        When it lies in another file, says that it is larger than a file of this size may hold, or
        holds no real numbers.
    """
    import h5py

    if not isinstance(found, h5py.Dataset):
        raise ValueError(f"{shown(name, 60)} is no array")
    refuse_elsewhere(found, name)
    allowance.take((found.size or 0) * found.dtype.itemsize, name)
    if found.dtype == BFLOAT16:
        halves = np.asarray(found).view(np.uint16).astype(np.uint32)
        return (halves << 16).view(np.float32)
    if found.dtype.kind not in "iuf":
        raise ValueError(f"{shown(name, 60)} holds {shown(found.dtype, 40)}, no real numbers")
    return np.asarray(found)


def refuse_elsewhere(found: Any, name: str) -> None:
    """Refuse a dataset whose numbers are not in its own file, or which has none.

    Raises
    ------
    ValueError
        With its name.
    """
    if found.external or found.is_virtual:
        raise ValueError(f"{shown(name, 60)} lies in another file, which is not read")
    if found.size is None:
        raise ValueError(f"{shown(name, 60)} is an array without a shape")


def refuse_unsafe(data: bytes) -> None:
    """Refuse a file that links to elsewhere, or unpacks to more than one of its size may.

    Raises
    ------
    ValueError
        With what does.
    """
    import h5py

    allowance = Allowance(len(data))

    def look(group: Any) -> None:
        for name in group:
            inner = child(group, name)
            if isinstance(inner, h5py.Group):
                look(inner)
            elif isinstance(inner, h5py.Dataset):
                refuse_elsewhere(inner, inner.name)
                allowance.take(inner.size * max(1, inner.dtype.itemsize), inner.name)

    with open_hdf5(data) as file:
        look(file)
