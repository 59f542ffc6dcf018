"""Delta encoding of tensors with the mask-aware gradient."""

import torch
from torch import Tensor


def snap(threshold: float, frac: int) -> float:
    """``threshold`` on the grid of ``frac`` fraction bits.

    Raises
    ------
    ValueError
        When it is negative or not a number.
    """
    if not threshold >= 0:
        raise ValueError(f"A threshold must be 0 or more, not {threshold!r}")
    return round(threshold * 2.0**frac) / 2.0**frac


def send(value: Tensor, reference: Tensor, threshold: float) -> Tensor:
    """One encoding step: the new reference.

    ``reference' = value`` where ``|value - reference| >= threshold``, else unchanged. The gradient
    follows the same choice: ``d reference'/d value`` is 1 where it moved and 0 elsewhere, and
    ``d reference'/d reference`` is the rest. (The plain straight-through gradient, 1 everywhere,
    grows exponentially with the number of steps.)

    Parameters
    ----------
    value, reference : Tensor, same shape
    threshold : float

    Returns
    -------
    Tensor
    """
    moved = (value - reference).detach().abs() >= threshold
    return torch.where(moved, value, reference)


def references(values: Tensor, threshold: float) -> Tensor:
    """Last value sent after each step, from a reference of zero.

    Parameters
    ----------
    values : Tensor, shape (batch, steps, size)
    threshold : float

    Returns
    -------
    Tensor, shape (batch, steps, size)
    """
    reference = torch.zeros_like(values[:, 0])
    sent = []
    for value in values.unbind(1):
        reference = send(value, reference, threshold)
        sent.append(reference)
    return torch.stack(sent, dim=1)


def fired(sent: Tensor) -> Tensor:
    """Entries per step of references from `references`; int64, shape (batch, steps)."""
    before = torch.cat((torch.zeros_like(sent[:, :1]), sent[:, :-1]), dim=1)
    return torch.count_nonzero(sent - before, dim=2)
