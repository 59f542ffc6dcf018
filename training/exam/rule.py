"""The rule by which a delta network is as good as its control.

The paired difference is the network's error less its control's, both of the sums over everything
that was tested: every fold and seed, each network beside a control that was trained alike. It must
lie within the allowance. Beside it stands its 95 % bootstrap interval, in which whole clusters
(speakers, patients) are drawn again, since sequences of one speaker go wrong together. Only where
the interval ends below twice the allowance is the loss called negligible.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .evidence import Evidence

RESAMPLES = 10_000
"""Draws of a bootstrap interval."""

SHARE = 0.95
"""Of the draws that lie in the interval."""

FEW = 10
"""Clusters below which an interval is too narrow to be trusted."""

ErrorOf = Callable[[np.ndarray], np.ndarray]
"""Errors of sums of tallies, shape (..., sums), as `Task.error_of`."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the rule says of a network.

    Parameters
    ----------
    control, delta : float
        Errors, in the task's unit.
    low, high : float
        Ends of the interval of their difference.
    allowance : float
        In the task's unit.
    clusters, sequences : int
        That were tested; a sequence counts once for every seed.
    """

    control: float
    delta: float
    low: float
    high: float
    allowance: float
    clusters: int
    sequences: int

    @property
    def difference(self) -> float:
        """Error of the network less that of its control."""
        return self.delta - self.control

    @property
    def within(self) -> bool:
        """The difference is within the allowance."""
        return self.difference <= self.allowance

    @property
    def negligible(self) -> bool:
        """And its interval ends below twice the allowance."""
        return self.within and self.high < 2 * self.allowance

    @property
    def word(self) -> str:
        """The verdict in words."""
        if not self.within:
            return "not within the allowance"
        return "negligible" if self.negligible else "within the allowance"

    @property
    def few(self) -> bool:
        """So few clusters that the interval is too narrow."""
        return self.clusters < FEW

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {
            "difference": self.difference, "within": self.within, "negligible": self.negligible,
            "verdict": self.word, "few_clusters": self.few,
        }  # fmt: skip


def judge(
    evidence: Evidence, error_of: ErrorOf, *, allowance: float, relative: bool = False,
    resamples: int = RESAMPLES, seed: int = 0,
) -> Verdict:  # fmt: skip
    """What the rule says of the evidence.

    Parameters
    ----------
    evidence : Evidence
    error_of : callable
    allowance : float
        Above the control's error, in the task's unit; a part of the control's error where it is
        ``relative``.
    relative : bool
    resamples, seed : int
        Of the bootstrap.

    Raises
    ------
    ValueError
        When there is one cluster only, which says nothing of others.
    """
    control, delta = evidence.by_cluster()
    if (count := len(control)) < 2:
        raise ValueError(
            f"An interval needs two clusters or more, and everything tested is of "
            f"{evidence.clusters[0]}"
        )
    draw = np.random.default_rng(seed)
    times = draw.multinomial(count, np.full(count, 1 / count), size=resamples)
    differences = error_of(times @ delta) - error_of(times @ control)
    ends = np.quantile(differences, ((1 - SHARE) / 2, (1 + SHARE) / 2))
    plain = float(error_of(control.sum(axis=0)))
    return Verdict(
        control=plain,
        delta=float(error_of(delta.sum(axis=0))),
        low=float(ends[0]),
        high=float(ends[1]),
        allowance=allowance * plain if relative else allowance,
        clusters=count,
        sequences=evidence.sequences,
    )
