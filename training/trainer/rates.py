"""Courses of the learning rate: a linear rise, then a cosine to a fiftieth of the highest."""

import math

LEAST = 0.02
"""The last learning rate over the highest."""

RISE = 0.02
"""Share of the training that the rise takes."""


def _cosine(share: float) -> float:
    return LEAST + (1 - LEAST) * 0.5 * (1 + math.cos(math.pi * share))


def by_share(epoch: int, number: int, count: int, epochs: int) -> float:
    """From a tenth; the cosine is that of the whole training, and one epoch has no rise."""
    share = (epoch + number / count) / epochs
    rise = RISE if epochs > 1 else 0.0
    return 0.1 + 0.9 * share / rise if share < rise else _cosine(share)


def by_step(epoch: int, number: int, count: int, epochs: int) -> float:
    """From nothing; the cosine begins where the rise ends. Every epoch has ``count`` batches."""
    step, steps = epoch * count + number, epochs * count
    rise = max(steps // 50, 1)
    return (step + 1) / rise if step < rise else _cosine((step - rise) / max(steps - rise, 1))


RATES = {"share": by_share, "step": by_step}
"""Each is called with the epoch, the batch's number in it, their count in an epoch, and the epochs;
it returns a factor of the highest rate."""
