"""A last linear layer without deltas: computed by the host, from every step's exact output.

The accelerator sends the last layer a value only when it has moved by the threshold. Where that
costs accuracy, or the layer is so small that the host does it in passing, the layer leaves the
accelerator: its inputs are then the state itself, and the accelerator's step is shorter by a layer.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from . import arithmetic
from .model_file import ACTIVITY_NOTE
from .network import Network


def read_out(network: Network, outputs: np.ndarray) -> np.ndarray:
    """The network's outputs from those of the accelerator; the same where there is no readout.

    Parameters
    ----------
    network : Network
    outputs : ndarray of int, shape (..., units of the last layer)
        In its ``h_frac``.

    Returns
    -------
    ndarray of int64, shape (..., outputs)
        In the network's ``output_frac``: ``f(narrow(bias + W h))``, as a layer that is sent every
        change.
    """
    layer = network.readout
    if layer is None:
        return outputs
    (op,) = layer.cell.program
    sums = layer.bias[0] + np.asarray(outputs, np.int64) @ layer.weight_x[0].T
    value, _ = arithmetic.narrow(sums, layer.shift, layer.value_bits)
    result: np.ndarray = arithmetic.FUNCTIONS[op.function](value, layer.value_bits)
    return result


def to_host(network: Network) -> Network:
    """The network with its last linear layer moved to the host.

    Raises
    ------
    ValueError
        When there is none, or no layer before it.
    """
    if network.readout is not None:
        raise ValueError("The network has a readout already")
    *layers, last = network.layers
    if not layers or not last.cell.linear:
        raise ValueError("A readout must be the last layer, linear, behind another one")
    if not layers[-1].cell.recurrent:
        layers[-1] = replace(layers[-1], threshold_h=0)
    readout = replace(last, threshold_x=0)
    return replace(network, layers=tuple(layers), readout=readout, notes=_without_lists(network))


def to_accelerator(network: Network) -> Network:
    """The inverse of `to_host`: the readout becomes the accelerator's last layer.

    It is sent what the layer before it sends: with a threshold, unless that is 0.

    Raises
    ------
    ValueError
        When there is no readout, or no room for one more layer.
    """
    if network.readout is None:
        raise ValueError("The network has no readout")
    last = replace(network.readout, threshold_x=network.layers[-1].threshold_h)
    layers = (*network.layers, last)
    return replace(network, layers=layers, readout=None, notes=_without_lists(network))


def _without_lists(network: Network) -> dict[str, Any]:
    """Notes without the measured lists, which are of other layers."""
    return {name: note for name, note in network.notes.items() if name != ACTIVITY_NOTE}
