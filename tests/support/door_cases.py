"""Small networks and sequences for the tests of the front door."""

from functools import cache

import numpy as np
from import_cases import float_network

import thresh

RANDOM = np.random.default_rng(0)
X = np.cumsum(RANDOM.normal(0, 0.2, (12, 15, 3)), axis=1)
"""Sequences that move slowly: (batch, steps, inputs)."""


@cache
def deciding():
    """A GRU and a linear layer in integers that decide by the mean."""
    floats = thresh.convert(float_network("gru", "linear", sizes=[3, 8, 4]))
    return floats.quantise(X, decision="mean", classes=("a", "b", "c", "d"), name="small")


@cache
def measuring():
    """The same without a decision, and with one output."""
    floats = thresh.convert(float_network("gru", "linear", sizes=[3, 8, 1]))
    return floats.quantise(X, name="level")


def labels():
    """What `deciding` hears, but for two sequences."""
    heard = deciding().decide(X)
    return ["a" if heard[0] != "a" else "b", "c" if heard[1] != "c" else "d", *heard[2:]]
