"""The arithmetic contract: every place where an integer loses precision, as data and functions.

The golden model and quantised training call these functions. The gateware implements the same
equations and reads the same table; exhaustive tests hold the two together.
"""

from functools import lru_cache

import numpy as np

from .qformat import QFormat

ACCUMULATOR_BITS = 32
"""Width of the delta memory (M in the paper)."""

GATE_INTEGER_BITS = 1
"""Integer bits of a sigmoid output, sign included: Q0.(V-1)."""

STATE_INTEGER_BITS = 2
"""Integer bits of a tanh output and of a GRU or LSTM state, sign included: Q1.(V-2)."""

PRE_INTEGER_BITS = 5
"""Integer bits of a pre-activation, sign included: Q4.(V-5), that is -16 to 16."""

TABLE_RANGE = 8
"""The activation table covers sigmoid on [0, 8)."""

TABLE_FRAC_LIMIT = 7
"""Largest number of fraction bits of a table index."""


def gate_format(value_bits: int) -> QFormat:
    """Format of a sigmoid output for values of ``value_bits``."""
    return QFormat(bits=value_bits, frac=value_bits - GATE_INTEGER_BITS)


def state_format(value_bits: int) -> QFormat:
    """Format of a tanh output for values of ``value_bits``."""
    return QFormat(bits=value_bits, frac=value_bits - STATE_INTEGER_BITS)


def pre_format(value_bits: int) -> QFormat:
    """Format of a pre-activation for values of ``value_bits``."""
    return QFormat(bits=value_bits, frac=value_bits - PRE_INTEGER_BITS)


def table_frac(value_bits: int) -> int:
    """Fraction bits of the activation table's index."""
    return min(TABLE_FRAC_LIMIT, value_bits - PRE_INTEGER_BITS)


@lru_cache
def sigmoid_table(value_bits: int) -> np.ndarray:
    """``sigmoid(i / 2**table_frac)`` in `gate_format`, for ``i`` from 0; int64, read-only.

    One table serves both activations: ``sigmoid(-x) = 1 - sigmoid(x)`` and
    ``tanh(x) = 2 sigmoid(2 x) - 1``, whose integer in `state_format` is the table's minus
    ``2**(V-2)`` without any rounding.
    """
    gate = gate_format(value_bits)
    index = np.arange(TABLE_RANGE << table_frac(value_bits)) / 2.0 ** table_frac(value_bits)
    table = gate.quantise(1.0 / (1.0 + np.exp(-index)))
    table.setflags(write=False)
    return table


def shift_round(value: np.ndarray, shift: int) -> np.ndarray:
    """``value / 2**shift`` to the nearest integer, halves upwards; a left shift when negative."""
    if shift <= 0:
        return value << -shift
    rounded = value + (1 << (shift - 1))
    rounded >>= shift
    return rounded


def saturate(value: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """``value`` clipped to ``bits`` and a mask of where that changed it."""
    form = QFormat(bits=bits, frac=0)
    clipped = _between(form.lowest, value, form.highest)
    return clipped, clipped != value


def _between(lowest: int, value: np.ndarray, highest: int) -> np.ndarray:
    """`numpy.clip`, which takes three times as long to look at its bounds."""
    return np.minimum(np.maximum(value, lowest), highest)


def narrow(value: np.ndarray, shift: int, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """The one narrowing: `shift_round`, then `saturate`; every saturation is in the mask."""
    return saturate(shift_round(value, shift), bits)


def table_index(pre: np.ndarray, scale: int, value_bits: int) -> np.ndarray:
    """Signed table index of ``2**scale * pre``, saturated to the table's range (not counted)."""
    shift = value_bits - PRE_INTEGER_BITS - scale - table_frac(value_bits)
    limit = (TABLE_RANGE << table_frac(value_bits)) - 1
    return _between(-limit, shift_round(pre, shift), limit)


@lru_cache
def _signed_tables(value_bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Sigmoid and tanh of every table index; those of negative ones count from the end."""
    gates = sigmoid_table(value_bits)
    states = gates - (1 << (value_bits - STATE_INTEGER_BITS))
    one = 1 << (value_bits - GATE_INTEGER_BITS)
    return (
        np.concatenate((gates, one - gates[:0:-1])),
        np.concatenate((states, -states[:0:-1])),
    )


def sigmoid(pre: np.ndarray, value_bits: int) -> np.ndarray:
    """Sigmoid of integers in `pre_format`, in `gate_format`."""
    return _signed_tables(value_bits)[0][table_index(pre, 0, value_bits)]


def tanh(pre: np.ndarray, value_bits: int) -> np.ndarray:
    """Tanh of integers in `pre_format`, in `state_format`."""
    return _signed_tables(value_bits)[1][table_index(pre, 1, value_bits)]


def relu(pre: np.ndarray, value_bits: int) -> np.ndarray:
    """``max(pre, 0)``, format unchanged."""
    return np.maximum(pre, 0)


def identity(pre: np.ndarray, value_bits: int) -> np.ndarray:
    """``pre`` itself."""
    return pre


FUNCTIONS = {"identity": identity, "relu": relu, "sigmoid": sigmoid, "tanh": tanh}
"""Integer activation functions by name: ``f(pre, value_bits)``."""


def encode(
    value: np.ndarray, reference: np.ndarray, threshold: np.ndarray | int, value_bits: int
) -> tuple[np.ndarray, np.ndarray]:
    """Delta encoding (paper eq. 3 and 4, with ``>=``): the delta sent, zero where silent.

    ``d = value - reference`` is saturated to ``value_bits``; it fires when ``d != 0`` and
    ``|d| >= threshold``. The caller adds the result to the reference, so the reference is always
    the sum of what was sent and ``M == bias + W reference`` holds even after a saturation.

    Returns
    -------
    delta : ndarray
        What is sent; 0 where nothing fires.
    saturated : ndarray of bool
        Where ``d`` did not fit and fired clipped.
    """
    delta, clipped = saturate(value - reference, value_bits)
    fires = (delta != 0) & (np.abs(delta) >= threshold)
    return np.where(fires, delta, 0), clipped & fires
