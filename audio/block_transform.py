"""Magnitudes of a real block's spectrum: 16-bit transform with one exponent per block."""

from functools import lru_cache

import numpy as np

from thresh.model.arithmetic import shift_round

from .front_end import leading_one

UNIT_FRAC = 15
"""Fraction bits of a cosine; one itself is ``1 << 15``."""

SHIFTS = 9
"""Block exponents there are, from 0."""


def largest_shift() -> int:
    """The largest exponent: beyond it the block's own rounding is all that would be magnified."""
    return SHIFTS - 1


@lru_cache
def cosines(points: int) -> np.ndarray:
    """First quarter of a cosine with ``points`` steps in Q.15; int64, shape (points/4 + 1,)."""
    phase = 2 * np.pi * np.arange(points // 4 + 1) / points
    table = np.rint(np.cos(phase) * (1 << UNIT_FRAC)).astype(np.int64)
    table.setflags(write=False)
    return table


def twiddle(points: int, angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cosine and sine of ``angle`` steps, 0 to points/2 - 1, from the quarter's table."""
    quarter = points // 4
    table = cosines(points)
    mirrored = angle > quarter
    cos = np.where(
        mirrored,
        -table[np.where(mirrored, 2 * quarter - angle, 0)],
        table[np.where(mirrored, 0, angle)],
    )
    return cos, table[np.abs(quarter - angle)]


def exponents(block: np.ndarray) -> np.ndarray:
    """Left shift of each block (..., samples) that uses 15 bits, at most `largest_shift`; int64."""
    used = np.bitwise_or.reduce(block ^ (block >> 63), axis=-1)
    return np.minimum(14 - leading_one(np.maximum(used, 1)), largest_shift())


def transform(re: np.ndarray, im: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Decimation-in-time transform of (blocks, n) complex integers, a half of it at every stage.

    ``t = shift_round(b w, 15)``, ``a' = (a + t) >> 1``, ``b' = (a - t) >> 1``: the sum over n. With
    both parts below 2**14 in magnitude no intermediate result leaves 16 bits.
    """
    blocks, n = re.shape
    order = bit_reversed(n)
    re, im = re[:, order], im[:, order]
    span = 1
    while span < n:
        cos, sin = twiddle(2 * n, np.arange(span) * (n // span))
        top_re, low_re = np.moveaxis(re.reshape(blocks, -1, 2, span), 2, 0)
        top_im, low_im = np.moveaxis(im.reshape(blocks, -1, 2, span), 2, 0)
        turned_re = shift_round(low_re * cos + low_im * sin, UNIT_FRAC)
        turned_im = shift_round(low_im * cos - low_re * sin, UNIT_FRAC)
        re = np.stack(((top_re + turned_re) >> 1, (top_re - turned_re) >> 1), 2).reshape(blocks, n)
        im = np.stack(((top_im + turned_im) >> 1, (top_im - turned_im) >> 1), 2).reshape(blocks, n)
        span *= 2
    return re, im


def bit_reversed(n: int) -> np.ndarray:
    """0 to n - 1 with their bits in reverse order."""
    width = n.bit_length() - 1
    return np.array([int(f"{place:0{width}b}"[::-1], 2) for place in range(n)])


def magnitudes(block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """P + Q of bins 1 to n - 1 of real blocks of 2 n samples, and each block's exponent.

    The block, shifted left by its exponent s and halved, goes as n complex numbers through
    `transform`; the spectrum of the real block follows from Z[k] and Z[n - k]:
    ``e = (Z[k] + Z*[n-k]) / 2``, ``o = (Z[k] - Z*[n-k]) / 2``, ``(u, v) = -i w o``, and for bin k
    ``P = |re e + u| / 2``, ``Q = |im e + v| / 2``, for bin n - k the same with the difference.
    |x| is ``x`` or ``~x``; every halving rounds down.

    Parameters
    ----------
    block : ndarray of int64, shape (blocks, 2 n)
        16-bit samples.

    Returns
    -------
    sums : ndarray of int64, shape (blocks, n - 1)
        (|re| + |im|) of the sum over 2 n samples, times ``2**s / (4 n)``.
    exponent : ndarray of int64, shape (blocks,)
    """
    exponent = exponents(block)
    scaled = (block << exponent[:, None]) >> 1
    re, im = transform(scaled[:, 0::2], scaled[:, 1::2])
    n = re.shape[1]
    k = np.arange(1, n // 2 + 1)
    cos, sin = twiddle(2 * n, k)
    even_re, odd_re = (re[:, k] + re[:, n - k]) >> 1, (re[:, k] - re[:, n - k]) >> 1
    even_im, odd_im = (im[:, k] - im[:, n - k]) >> 1, (im[:, k] + im[:, n - k]) >> 1
    u = shift_round(odd_im * cos - odd_re * sin, UNIT_FRAC)
    v = shift_round(-odd_im * sin - odd_re * cos, UNIT_FRAC)
    sums = np.empty((len(block), n - 1), np.int64)
    # The middle bin is its own mirror image: the difference, which comes last, is its value.
    sums[:, k - 1] = _half(even_re + u) + _half(even_im + v)
    sums[:, n - k - 1] = _half(even_re - u) + _half(even_im - v)
    return sums, exponent


def _half(value: np.ndarray) -> np.ndarray:
    return (value ^ (value >> 63)) >> 1
