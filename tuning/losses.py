"""What a network in integers loses against its float network, and when that is too much."""

from dataclasses import dataclass

import numpy as np

from thresh.model.float_network import FloatNetwork
from thresh.model.network import Network

MOST_LOST = 0.1
"""Share of a matrix's size that may be lost without a word."""

NEAR_SPREAD = 0.25
"""Loss of the outputs, of their spread, that is said loudly."""


@dataclass(frozen=True, kw_only=True)
class Loss:
    """One step from float to delta network, against the float network's outputs.

    Parameters
    ----------
    step : str
    rms, largest : float
        Root mean square and maximum of the outputs' differences, in their own unit.
    share : float
        ``rms`` over the spread of the outputs: their standard deviation, over all of them.
    agreement : float or None
        Share of sequences that are decided alike; None when nothing is decided.
    reduction : float or None
        All weights over those that were fetched; None when none were.
    saturations : int
        Narrowings that clipped.
    """

    step: str
    rms: float
    largest: float
    share: float
    agreement: float | None
    reduction: float | None
    saturations: int


def lost_matrices(network: FloatNetwork, quantised: Network, loss: Loss) -> tuple[str, ...]:
    """A sentence for each matrix that rounding and clipping changed by more than `MOST_LOST`.

    Raises
    ------
    ValueError
        When every weight of a matrix became 0 and the outputs lose more than `NEAR_SPREAD`. Where
        they lose less, as in a network that its inputs saturate, that is a sentence too.
    """
    found = []
    for number, (layer, made) in enumerate(zip(network.layers, quantised.layers, strict=True)):
        for name, frac in (("weight_x", made.weight_x_frac), ("weight_h", made.weight_h_frac)):
            real, kept = getattr(layer, name), getattr(made, name)
            lost = lost_share(real, kept / 2.0**frac)
            label = f"{name} of layer {number} {layer.name or layer.kind}"
            if real.any() and not kept.any() and loss.share > NEAR_SPREAD:
                raise ValueError(
                    f"All {real.size} weights in {label} would become 0 in {made.weight_bits} "
                    f"bits, as its other matrix is so much larger: scale the inputs to about 1 "
                    f"before training"
                )
            if real.any() and not kept.any():
                found.append(
                    f"all {real.size} weights in {label} become 0 in {made.weight_bits} bits, as "
                    f"its other matrix is so much larger: are these inputs in the unit that the "
                    f"network was trained on?"
                )
            elif lost > MOST_LOST:
                found.append(
                    f"{label} loses {lost:.0%} of its size to {made.weight_bits} bits, more than "
                    f"{MOST_LOST:.0%}"
                )
    return tuple(found)


def lost_outputs(loss: Loss) -> tuple[str, ...]:
    """A sentence where the outputs lose more than `NEAR_SPREAD` of their spread.

    Raises
    ------
    ValueError
        When they lose all of it.
    """
    if loss.share >= 1:
        raise ValueError(
            f"The network in integers differs from the float network by {loss.share:.0%} of the "
            f"outputs' spread, as much as outputs that never change would: use more bits, or "
            f"recordings like those that it was trained on"
        )
    if loss.share > NEAR_SPREAD:
        return (
            f"integers move the outputs by {loss.share:.0%} of their spread, more than "
            f"{NEAR_SPREAD:.0%}",
        )
    return ()


def lost_share(real: np.ndarray, kept: np.ndarray) -> float:
    """Root of the squared change over the squared weights."""
    power = float((real**2).sum())
    return float(np.sqrt(((kept - real) ** 2).sum() / power)) if power else 0.0
