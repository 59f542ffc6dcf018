"""How an exam trains a control and a delta network: what suits a task."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """Settings of `thresh.training.tasks.techniques.pair`, the same for both networks but where
    they have thresholds, a cost on changes, and somebody to follow.

    Parameters
    ----------
    epochs : int
        Of each, those in integers among them.
    integers : int
        Last epochs of the delta network, in integers; 0 for none.
    rate, last_rate : float
        Highest learning rate of the epochs in floats, and of those in integers.
    size : int
        Sequences in a batch.
    varied : bool
        Training sequences are varied as the task does it.
    dropout : float
        Share of what the linear layer receives that is left out.
    thresholds : tuple of float, or None
        Of inputs and states of the delta network; parts of the task's own when None.
    noise : float
        Deviation of what is added to the delta network's inputs and states before they are compared
        and sent, in parts of its thresholds; nothing in the epochs in integers.
    activity_h : float
        Weight of the mean absolute change of its states.
    follows : float
        Weight of the control's posteriors in its loss, where there are classes.
    zeros : float
        Share of the delta network's weights that are zero in the end.
    """

    epochs: int = 64
    integers: int = 8
    rate: float = 1e-3
    last_rate: float = 2e-4
    size: int = 8
    varied: bool = False
    dropout: float = 0.2
    thresholds: tuple[float, float] | None = None
    noise: float = 0.0
    activity_h: float = 4.0
    follows: float = 1.0
    zeros: float = 0.0
