"""What a network and its control did with the same sequences."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """Tallies of tested sequences, of any number of folds and seeds.

    Parameters
    ----------
    clusters : tuple of str
        Speaker, patient or drive of each row.
    control, delta : ndarray, shape (rows, sums)
        Tallies of the plain network and of the delta network, see
        `thresh.training.trainer.task.Task.tally`; a row is of one sequence, or the sum of several
        of its cluster.
    counts : tuple of int
        Sequences of each row; one each when it is empty.

    Raises
    ------
    ValueError
        When there is nothing, or the rows are not of the same sequences.
    """

    clusters: tuple[str, ...]
    control: np.ndarray
    delta: np.ndarray
    counts: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.clusters)
        if not count:
            raise ValueError("There is no evidence: no sequence was tested")
        if self.control.shape != self.delta.shape or len(self.control) != count:
            raise ValueError(
                f"A network and its control must be tested on the same sequences: there are "
                f"{count} clusters, {len(self.control)} sequences of the control and "
                f"{len(self.delta)} of the network"
            )
        object.__setattr__(self, "counts", self.counts or (1,) * count)

    @classmethod
    def joined(cls, several: Iterable["Evidence"]) -> "Evidence":
        """Of several folds and seeds."""
        found = list(several)
        if not found:
            raise ValueError("There is no evidence: no sequence was tested")
        return cls(
            clusters=tuple(name for one in found for name in one.clusters),
            control=np.concatenate([one.control for one in found]),
            delta=np.concatenate([one.delta for one in found]),
            counts=tuple(count for one in found for count in one.counts),
        )

    @property
    def sequences(self) -> int:
        """That were tested; a sequence counts once for every seed."""
        return sum(self.counts)

    def by_cluster(self) -> tuple[np.ndarray, np.ndarray]:
        """Sums of control and network; each of shape (clusters, sums)."""
        names, places = np.unique(self.clusters, return_inverse=True)
        sums = np.zeros((2, len(names), self.control.shape[1]))
        np.add.at(sums[0], places, self.control)
        np.add.at(sums[1], places, self.delta)
        return sums[0], sums[1]
