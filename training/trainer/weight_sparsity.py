"""Weights that are zero: magnitude pruning that leaves balanced columns.

Silent columns are skipped in time; zeros in the columns that are fetched multiply with that where
the hardware stores columns without them (Gao, Delbruck, Liu, *Spartus*, 2021). Balanced columns
have the same number of weights left in every lane's share of a column, so that no lane waits.
"""

from collections.abc import Iterable

import torch
from torch import Tensor


def smallest_per_column(weight: Tensor, share: float, lanes: int = 1) -> Tensor:
    """Mask of the smallest weights of every column, the same number in each lane's share of it.

    Parameters
    ----------
    weight : Tensor, shape (rows, columns)
    share : float
        Of the weights; a lane's number is rounded down.
    lanes : int
        Row k belongs to lane ``k % lanes``.

    Returns
    -------
    Tensor of bool, shape (rows, columns)

    Raises
    ------
    ValueError
        When the rows are not a multiple of the lanes.
    """
    rows, columns = weight.shape
    if rows % lanes:
        raise ValueError(f"lanes must divide the {rows} rows, not {lanes!r}")
    sizes = weight.detach().abs().view(rows // lanes, lanes, columns)
    ranks = sizes.argsort(dim=0, stable=True).argsort(dim=0)
    return (ranks < int(share * (rows // lanes))).view(rows, columns)


class WeightSparsity:
    """Zeroes the smallest weights after every optimiser step.

    Parameters
    ----------
    weights : iterable of Parameter, each of shape (rows, columns)
    share : float
        Of each matrix's weights that are zero in the end.
    lanes : int
        For which columns are balanced.

    Raises
    ------
    ValueError
        When the share is not 0 to below 1, or the lanes do not divide a matrix's rows.
    """

    def __init__(self, weights: Iterable[Tensor], share: float, *, lanes: int = 1) -> None:
        self.weights, self.share, self.lanes = list(weights), share, lanes
        if not 0 <= share < 1:
            raise ValueError(f"share must be 0 to below 1, not {share!r}")
        self.masks = self._targets(share)
        pairs = zip(self.weights, self.masks, strict=True)
        self._reached = not any(bool(weight[mask].any()) for weight, mask in pairs)

    def _targets(self, share: float) -> list[Tensor]:
        return [smallest_per_column(weight, share, self.lanes) for weight in self.weights]

    @torch.no_grad()
    def vanish(self, part: float) -> None:
        """Zero the smallest weights in the course of training, the share when ``part`` is 1.

        Many go at first and few at last, which are the larger ones (Zhu, Gupta, *To prune, or not
        to prune*, 2017, equation 1). Where the whole share was zero at the start, an earlier
        training has reached it: it stays.
        """
        gone = 1.0 if self._reached else 1 - (1 - part) ** 3
        self.masks = self._targets(self.share * gone)
        self.hold()

    @torch.no_grad()
    def hold(self) -> None:
        """Zero the weights that the last `vanish` chose, and choose no others."""
        for weight, mask in zip(self.weights, self.masks, strict=True):
            weight.masked_fill_(mask, 0)
