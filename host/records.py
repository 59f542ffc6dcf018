"""What the accelerator answers."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step's answer.

    Parameters
    ----------
    outputs : ndarray of int64, shape (outputs,)
        In the last layer's format.
    cycles : int
        From the first input to the last output.
    """

    outputs: np.ndarray
    cycles: int


@dataclass(frozen=True, kw_only=True)
class Counters:
    """What the accelerator counted since the last new sequence.

    Parameters
    ----------
    step_cycles : int
        Of the last step.
    busy_cycles, idle_cycles : int
        Cycles of steps with and without an event entering the multipliers.
    saturations, skipped_layers : int
    fired_x : int
        Events of the input list.
    fired_h : tuple of int
        Events of each layer's list.
    """

    step_cycles: int
    busy_cycles: int
    idle_cycles: int
    saturations: int
    skipped_layers: int
    fired_x: int
    fired_h: tuple[int, ...]
