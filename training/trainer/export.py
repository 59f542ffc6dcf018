"""Trained networks to integers, and back to PyTorch."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from thresh.model.float_network import gate_biases
from thresh.model.network import Layer, Network
from thresh.model.quantise import (
    LayerFormats,
    choose_formats,
    input_frac,
    quantise_layer,
    threshold_integer,
)
from thresh.training.layers.export import float_layers, network_of
from thresh.training.layers.formats import Formats

from .batches import Item, in_order
from .net import Net

LEAST_POWER = 1e-6
"""Mean square that a silent signal is taken to have."""


def to_network(
    net: Net, items: Sequence[Item] = (), *, weight_bits: int = 8, x_frac: int | None = None,
    **description: Any,
) -> Network:  # fmt: skip
    """The network in integers, the front left out.

    Parameters
    ----------
    net : Net
        With one threshold for the inputs and one per layer. Quantised it is taken as it is; else
        formats are chosen.
    items : sequence of Item
        What goes into the front, to choose formats on.
    weight_bits : int
        4 or 8, where formats are chosen.
    x_frac : int, optional
        Fraction bits of the inputs, where something else has chosen them.
    **description
        Name, classes, decision, front end and notes of the `Network`.
    """
    if net.quantised:
        return network_of((net.gru, net.linear), **description)
    largest, powers = _signals(net, items)
    gru = net.gru
    levels = gru.threshold_h if isinstance(gru.threshold_h, tuple) else (gru.threshold_h,)
    levels = levels * (gru.num_layers if len(levels) == 1 else 1)
    if x_frac is None:
        x_frac = input_frac(largest, gru.formats.value_bits)
    before = float(gru.threshold_x)
    layers: list[Layer] = []
    reals = [*float_layers(gru), *float_layers(net.linear)]
    for number, real in enumerate(reals):
        power_x, power_h = (*powers, 1.0)[number : number + 2]
        formats = choose_formats(
            real, [x_frac], weight_bits=weight_bits, power_x=power_x, power_h=power_h
        )
        own = levels[number] if number < len(levels) else 0.0
        h_frac = formats.value_bits - real.cell.integer_bits
        formats = replace(
            formats, threshold_x=threshold_integer(before, x_frac, formats.value_bits),
            threshold_h=threshold_integer(own, h_frac, formats.value_bits),
        )  # fmt: skip
        layers.append(quantise_layer(real, formats))
        x_frac, before = h_frac, own
    return Network(layers=tuple(layers), **description)


def from_network(network: Network) -> Net:
    """The quantised PyTorch network of GRU layers and a linear one: equal in every integer.

    Raises
    ------
    ValueError
        When the layers are of another kind.
    """
    *recurrent, last = network.layers
    kinds = [layer.kind for layer in network.layers]
    if not recurrent or kinds != ["gru"] * len(recurrent) + ["linear"]:
        raise ValueError(f"The layers must be GRU and a linear last, not {', '.join(kinds)}")
    first = recurrent[0]
    net = Net(first.inputs, first.units, last.units, layers=len(recurrent)).double()
    net.gru.set_formats([_formats(layer) for layer in recurrent])
    net.linear.set_formats(_formats(last))
    parameters: dict[str, np.ndarray] = {}
    for number, layer in enumerate(recurrent):
        bias_x, bias_h = gate_biases(layer.cell, layer.bias / 2.0**layer.accumulator_frac)
        parameters |= {
            f"gru.weight_ih_l{number}": layer.weight_x.reshape(-1, layer.inputs)
            / 2.0**layer.weight_x_frac,
            f"gru.weight_hh_l{number}": layer.weight_h.reshape(-1, layer.units)
            / 2.0**layer.weight_h_frac,
            f"gru.bias_ih_l{number}": bias_x.flatten(),
            f"gru.bias_hh_l{number}": bias_h.flatten(),
        }
    parameters["linear.weight"] = last.weight_x[0] / 2.0**last.weight_x_frac
    parameters["linear.bias"] = last.bias[0] / 2.0**last.accumulator_frac
    net.load_state_dict({name: torch.tensor(value) for name, value in parameters.items()})
    net.set_thresholds(
        first.threshold_x / 2**first.x_frac,
        [layer.threshold_h / 2**layer.h_frac for layer in recurrent],
    )
    net.set_quantised(True)
    return net


def _signals(net: Net, items: Sequence[Item]) -> tuple[float, list[float]]:
    """Largest input, and mean squares of the inputs and of every layer's state."""
    largest, count, sums = 0.0, 0, np.zeros(net.gru.num_layers + 1)
    with torch.no_grad():
        for _, batch in in_order(items, 256):
            trace = net(batch.x).trace
            valid = batch.valid[..., None]
            signals = (trace.x, *(layer.h for layer in trace.layers))
            sums += [float((signal**2 * valid).sum()) / signal.shape[2] for signal in signals]
            count += int(batch.valid.sum())
            largest = max(largest, float((trace.x.abs() * valid).max()))
    return largest, np.maximum(sums / count, LEAST_POWER).tolist()


def _formats(layer: Layer) -> Formats:
    names = set(Formats.__dataclass_fields__) & set(LayerFormats.__dataclass_fields__)
    return Formats(**{name: getattr(layer, name) for name in names})
