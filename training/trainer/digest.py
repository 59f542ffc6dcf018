"""A digest of recordings, by which those of others are known."""

import zlib
from typing import Any

import numpy as np


def digest_of(value: Any, start: int = 0) -> int:
    """CRC-32 of arrays, numbers and texts, alone or in lists and tuples.

    Parameters
    ----------
    value : Any
        Of an array the kind of number and the shape count too.
    start : int
        Digest of what came before.
    """
    if isinstance(value, np.ndarray):
        start = zlib.crc32(f"{value.dtype} {value.shape}".encode(), start)
        return zlib.crc32(np.ascontiguousarray(value), start)
    if isinstance(value, list | tuple):
        start = zlib.crc32(f"{len(value)}".encode(), start)
        for one in value:
            start = digest_of(one, start)
        return start
    plain = value.item() if isinstance(value, np.generic) else value
    return zlib.crc32(f"{plain!r};".encode(), start)
