"""A trained network with what a device needs beside it: a microphone and a decision."""

from collections.abc import Sequence
from dataclasses import replace

from thresh.audio.announcements import Fit, fit_spotter
from thresh.audio.decimator import Decimator
from thresh.model.network import Network
from thresh.training.trainer.batches import Item
from thresh.training.trainer.export import from_network
from thresh.training.trainer.scoring import integer_outputs

SHIFTS = (3, 4, 5)
"""Averages that are tried."""

REST = 60
"""Steps after an announcement without another."""


def announcing(
    network: Network, items: Sequence[Item], silent: Sequence[int] = (), rest: int = REST
) -> tuple[Network, Fit]:
    """The network behind a PDM microphone, and its decision, chosen on clips of one word each.

    Parameters
    ----------
    network : Network
        With a front end of 8 kHz.
    items : sequence of Item
        Clips that did not train it; targets are classes.
    silent : sequence of int
        Classes that are never announced.
    rest : int
        Steps after an announcement without another.
    """
    outputs = integer_outputs(from_network(network), list(items), network.output_frac)
    labels = [item.target for item in items]
    fit = fit_spotter(outputs, labels, shifts=SHIFTS, refractory=rest, silent=silent)
    settings = {"microphone": Decimator().to_dict(), "spotter": fit.spotter.to_dict()}
    return replace(network, **settings), fit
