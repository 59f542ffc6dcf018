"""What EdgeDRNN, the best public peer, needs for the same lists: its cycles, from simulation.

Its network weights stay outside this project; the formulas are those that its simulated code
follows (8 lanes, its own networks bit-exact).
"""

from collections.abc import Sequence

import numpy as np

PUBLISHED = {
    "source": "Gao et al., EdgeDRNN, 2020, and its code simulated and synthesised here",
    "lanes": 8,
    "ecp5_85f_mhz": [54, 57],
    "up5k": "does not fit",
    "peak_gops": 2.0,
    "effective_gops": 20.2,
    "idle_cycles_2x128": 592,
    "utilisation": [
        {"network": "1x256", "activity": 1.0, "utilisation": 0.99},
        {"network": "1x256", "activity": 0.10, "utilisation": 0.96},
        {"network": "1x256", "activity": 0.036, "utilisation": 0.83},
        {"network": "2x128", "activity": 0.033, "utilisation": 0.69},
        {"network": "2x256", "activity": 0.012, "utilisation": 0.55},
    ],
}
"""Figures of the paper (Zynq, 125 MHz) and of its code."""

FIXED, ACTIVATION = 15, 5
"""Cycles per layer and step: a constant, and for each group of P units."""


def layer_cycles(fired: np.ndarray, *, units: int, lanes: int) -> int:
    """Cycles of one layer and step.

    Its encoder looks at one element per cycle; an entry found then occupies the lanes for
    3 H / P cycles; the activation follows the last entry.

    Parameters
    ----------
    fired : ndarray of bool, shape (I + H,)
        Which elements fire, in the order in which they are encoded.
    """
    groups = -(-units // lanes)
    now = 0
    for place in np.flatnonzero(fired):
        now = max(now, int(place) + 1) + 3 * groups
    return max(now, len(fired) + 1) + ACTIVATION * groups + FIXED


def step_cycles(lists: Sequence[np.ndarray], units: Sequence[int], lanes: int) -> int:
    """Cycles of a step: one layer after another.

    Parameters
    ----------
    lists : sequence of ndarray of bool
        Per layer, which of its inputs and hidden values fire.
    """
    return sum(
        layer_cycles(fired, units=size, lanes=lanes)
        for fired, size in zip(lists, units, strict=True)
    )
