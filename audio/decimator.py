"""Decimator: the bits of a PDM microphone to 16-bit samples, exact in integers."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from thresh.model.arithmetic import saturate

from .settings import read_settings, write_settings

SAMPLE_BITS = 16
"""Width of a sample."""

ORDERS = (2, 3, 4)
"""Numbers of integrators and combs that are built."""


@dataclass(frozen=True, kw_only=True)
class Decimator:
    """A cascaded integrator-comb filter, then, if wanted, ``(1 + z)**2 / 4`` at half the rate.

    A bit counts as +1 or -1. ``order`` integrators add at the bit rate; every ``ratio`` bits the
    last one is narrowed, ``>> shift``, and goes through as many differences. Each register wraps,
    which cancels. With ``halve`` a sample is ``(x[2k] + 2 x[2k+1] + x[2k+2]) >> 2``, which is 0 dB
    at 0 Hz and none at half the former rate.

    The narrowing lies before the differences, so a sample depends, by at most ``2**order``, on
    every bit since the reset: gateware and golden model start from zero at the same bit.

    Parameters
    ----------
    order : int
        Integrators and combs, one of `ORDERS`.
    ratio : int
        Bits in a sample before halving, 8 to 512.
    halve : bool
        Whether two such samples make one.

    Raises
    ------
    ValueError
        Naming the field, what was wanted and what came.
    """

    KIND: ClassVar[str] = "pdm-cic"
    VERSION: ClassVar[int] = 1

    order: int = 3
    ratio: int = 125
    halve: bool = True

    def __post_init__(self) -> None:
        if self.order not in ORDERS:
            raise ValueError(f"pdm-cic: order must be one of {ORDERS}, not {self.order!r}")
        if not 8 <= self.ratio <= 512:
            raise ValueError(f"pdm-cic: ratio must be 8 to 512, not {self.ratio!r}")

    @property
    def gain(self) -> int:
        """What a run of ones sums to."""
        return self.ratio**self.order

    @property
    def bits(self) -> int:
        """Width of the integrators: the gain with its sign."""
        return self.gain.bit_length() + 1

    @property
    def shift(self) -> int:
        """Right shift of the narrowing: the smallest after which no sample leaves 16 bits."""
        room = (1 << (SAMPLE_BITS - 1)) - (1 << self.order)
        shift = 0
        while self.gain >> shift >= room:
            shift += 1
        return shift

    @property
    def width(self) -> int:
        """Width of the differences; at most 16 bits."""
        return self.bits - self.shift

    @property
    def bits_per_sample(self) -> int:
        """Bits from one sample to the next."""
        return self.ratio << self.halve

    def stream(self) -> "DecimatorStream":
        """A filter at rest that takes bits as they come."""
        return DecimatorStream(decimator=self)

    def samples(self, bits: np.ndarray) -> np.ndarray:
        """Samples of a recording that begins at the reset.

        Parameters
        ----------
        bits : ndarray of 0 and 1, shape (bits,)

        Returns
        -------
        ndarray of int16, shape (samples,)
            Bits that fill no sample are left out; with ``halve`` so is the one sample that lacks
            its third.

        Raises
        ------
        ValueError
            When ``bits`` holds anything else.
        """
        return self.stream().take(bits)

    def to_dict(self) -> dict[str, Any]:
        """Every parameter, ready for JSON."""
        return write_settings(self)

    @classmethod
    def from_dict(cls, settings: dict[str, Any]) -> "Decimator":
        """The decimator that `to_dict` described; ValueError otherwise."""
        return read_settings(cls, settings)


@dataclass(kw_only=True)
class DecimatorStream:
    """The registers of a `Decimator` between two pieces of a recording."""

    decimator: Decimator
    integrators: list[int] = field(default_factory=list)
    delays: list[int] = field(default_factory=list)
    rest: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    halver: "HalvedStream" = field(default_factory=lambda: HalvedStream())

    def __post_init__(self) -> None:
        self.integrators = self.integrators or [0] * self.decimator.order
        self.delays = self.delays or [0] * self.decimator.order

    def take(self, bits: np.ndarray) -> np.ndarray:
        """Samples that ``bits`` complete; int16."""
        bits = np.asarray(bits)
        if bits.ndim != 1 or not np.isin(bits, (0, 1)).all():
            raise ValueError("A PDM recording must be one channel of bits, each 0 or 1")
        decimator = self.decimator
        waiting = np.concatenate((self.rest, 2 * bits.astype(np.int64) - 1))
        count = len(waiting) // decimator.ratio
        whole, self.rest = np.split(waiting, [count * decimator.ratio])
        value = whole
        for stage, before in enumerate(self.integrators):
            # Sums wrap at 64 bits, which their remainders at fewer bits do not notice.
            value = np.cumsum(value) + before
            self.integrators[stage] = int(value[-1]) if len(value) else before
        value = wrapped(value[decimator.ratio - 1 :: decimator.ratio], decimator.bits)
        value >>= decimator.shift
        for stage, before in enumerate(self.delays):
            self.delays[stage] = int(value[-1]) if len(value) else before
            value = np.diff(value, prepend=before)
        samples = wrapped(value, decimator.width)
        self.integrators = [int(wrapped(one, decimator.bits)) for one in self.integrators]
        return self.halver.take(samples) if decimator.halve else samples.astype(np.int16)


@dataclass(kw_only=True)
class HalvedStream:
    """``(x[2k] + 2 x[2k+1] + x[2k+2]) >> 2`` of samples as they come."""

    rest: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def take(self, samples: np.ndarray) -> np.ndarray:
        """What ``samples`` complete; int16."""
        waiting = np.concatenate((self.rest, np.asarray(samples, np.int64)))
        count = max(0, len(waiting) - 1) // 2
        first, second, third = (waiting[place : place + 2 * count : 2] for place in range(3))
        self.rest = waiting[2 * count :]
        halved, clipped = saturate((first + 2 * second + third) >> 2, SAMPLE_BITS)
        assert not clipped.any()
        return halved.astype(np.int16)


def wrapped(value: np.ndarray | int, bits: int) -> np.ndarray:
    """``value`` in two's complement of ``bits``; int64."""
    half = np.int64(1) << (bits - 1)
    return ((np.asarray(value, np.int64) + half) & (2 * half - 1)) - half
