"""Weights that are zero: magnitude pruning, and column-balanced targeted dropout.

Silent columns are skipped in time; zeros in the columns that are fetched multiply with that where
the hardware stores columns without them (Gao, Delbruck, Liu, *Spartus*, 2021). Balanced columns
have the same number of weights left in every lane's share of a column, so that no lane waits.
"""

from collections.abc import Iterable

import torch
from torch import Tensor


def smallest(weight: Tensor, share: float) -> Tensor:
    """Mask of the ``share`` of a matrix's weights that are smallest in magnitude; bool."""
    flat = torch.zeros(weight.numel(), dtype=torch.bool, device=weight.device)
    order = weight.detach().abs().flatten().argsort(stable=True)
    flat[order[: int(share * weight.numel())]] = True
    return flat.view(weight.shape)


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
        Balanced columns for so many lanes; 0 prunes by magnitude over the whole matrix.
    seed : int
        Of the draws.

    Raises
    ------
    ValueError
        When the share is not 0 to below 1, or the lanes do not divide a matrix's rows.
    """

    def __init__(
        self, weights: Iterable[Tensor], share: float, *, lanes: int = 0, seed: int = 0
    ) -> None:
        self.weights, self.share, self.lanes = list(weights), share, lanes
        if not 0 <= share < 1:
            raise ValueError(f"share must be 0 to below 1, not {share!r}")
        self._draw = torch.Generator().manual_seed(seed)
        self.masks = self._targets(share)
        pairs = zip(self.weights, self.masks, strict=True)
        self._reached = not any(bool(weight[mask].any()) for weight, mask in pairs)

    def _targets(self, share: float) -> list[Tensor]:
        if not self.lanes:
            return [smallest(weight, share) for weight in self.weights]
        return [smallest_per_column(weight, share, self.lanes) for weight in self.weights]

    @torch.no_grad()
    def drop(self, probability: float = 1.0) -> None:
        """Zero each of the smallest weights with this probability.

        Below 1 a weight that was zeroed may grow back; raise the probability to 1 in the course
        of training, as the Spartus paper does, or the share of the constructor.
        """
        self.masks = self._targets(self.share)
        for weight, mask in zip(self.weights, self.masks, strict=True):
            if probability < 1:
                chance = torch.rand(mask.shape, generator=self._draw)
                mask = mask & (chance < probability).to(mask.device)
            weight.masked_fill_(mask, 0)

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
        """Zero the weights that the last `drop` chose, and choose no others."""
        for weight, mask in zip(self.weights, self.masks, strict=True):
            weight.masked_fill_(mask, 0)

    @property
    def density(self) -> float:
        """Share of the weights that are not zero."""
        left = sum(int(torch.count_nonzero(weight)) for weight in self.weights)
        return left / sum(weight.numel() for weight in self.weights)
