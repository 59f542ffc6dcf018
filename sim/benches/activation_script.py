"""`Activation` as a script: a result a cycle, of any function."""

from collections.abc import Mapping

import numpy as np

from thresh.model.arithmetic import FUNCTIONS

from .script import Script

FORCED_BEFORE = 2
"""Cycles from a forced value to the result that it replaces."""


def activation_values(bits: int, random: np.random.Generator, count: int) -> np.ndarray:
    """Extremes, the ends of the table, where rounding changes an index, and ``count`` others."""
    highest = (1 << (bits - 1)) - 1
    edges = [-highest - 1, -highest, -2, -1, 0, 1, 2, highest - 1, highest]
    ends = (np.arange(-9, 10)[:, None] * (1 << (bits - 5)) + np.arange(-3, 4)).ravel()
    ends = np.clip(ends, -highest - 1, highest)
    return np.concatenate([edges, ends, random.integers(-highest - 1, highest + 1, count)])


def activation_script(
    values: np.ndarray,
    *,
    bits: int,
    latency: int,
    functions: Mapping[str, int],
    random: np.random.Generator,
) -> Script:
    """Every function of every value, in any order; some results are forced to another value.

    Parameters
    ----------
    values : ndarray of int
    bits, latency : int
        Of the block.
    functions : mapping
        Hardware numbers by name.
    random : numpy.random.Generator
    """
    script = Script(force=0)
    script.drive(-1, y=0, function=0, forced=0)
    results = {name: FUNCTIONS[name](values, bits) for name in FUNCTIONS}
    pairs = [(name, at) for name in FUNCTIONS for at in range(len(values))]
    for cycle, number in enumerate(random.permutation(len(pairs))):
        name, at = pairs[number]
        script.drive(cycle, y=int(values[at]), function=functions[name.upper()])
        wanted = int(results[name][at])
        if random.random() < 0.1:
            wanted = int(random.integers(-1 << (bits - 1), 1 << (bits - 1)))
            script.drive(cycle + latency - FORCED_BEFORE, force=1, forced=wanted)
        script.want(cycle + latency, z=wanted)
    return script
