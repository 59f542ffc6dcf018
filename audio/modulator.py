"""A microphone's bits from samples: a second-order sigma-delta modulator in integers."""

import numpy as np

FULL_SCALE = 1 << 16
"""What a run of ones says, in steps of 16-bit samples: they use half of the modulator's range."""


def pdm_bits(samples: np.ndarray, ratio: int) -> np.ndarray:
    """Bits of a microphone that hears ``samples``, from its reset on.

    ``v`` goes from each sample to the next in a straight line of ``ratio`` steps, and every step
    ``first += v - y``, ``second += first - y`` with the bit y, +1 or -1 times `FULL_SCALE`, that
    the sign of ``second`` was. Lines want ``samples`` at several times the rate that they are
    decimated to: they lose 0.1 dB at a sixteenth of the samples' rate.

    Parameters
    ----------
    samples : ndarray of int16, shape (samples,)
    ratio : int
        Bits in a sample, at least 1.

    Returns
    -------
    ndarray of uint8, shape (samples * ratio,)
        Each 0 or 1.

    Raises
    ------
    ValueError
        For samples of another type or shape and for another ratio.
    """
    samples = np.asarray(samples)
    if samples.ndim != 1 or samples.dtype != np.int16:
        raise ValueError(
            f"A microphone hears one channel of int16 samples, not {samples.dtype} of shape "
            f"{samples.shape}"
        )
    if ratio < 1:
        raise ValueError(f"The bits in a sample must be at least 1, not {ratio!r}")
    bits = bytearray(len(samples) * ratio)
    first = second = 0
    for place, value in enumerate(_lines(samples, ratio)):
        if second >= 0:
            bits[place] = 1
            first += value - FULL_SCALE
            second += first - FULL_SCALE
        else:
            first += value + FULL_SCALE
            second += first + FULL_SCALE
    return np.frombuffer(bytes(bits), np.uint8)


def _lines(samples: np.ndarray, ratio: int) -> list[int]:
    """Values at the bits' rate: from 0 to the first sample, then from each to the next."""
    ends = samples.astype(np.int64)
    begins = np.concatenate((np.zeros(1, np.int64), ends))[:-1]
    steps = np.arange(1, ratio + 1)
    rises = (ends - begins)[:, None] * steps // ratio
    values: list[int] = (begins[:, None] + rises).ravel().tolist()
    return values
