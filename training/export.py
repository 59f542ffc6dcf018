"""Trained delta layers to the integers of `thresh.model.network`, and back."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from thresh.model.network import Layer, Network

from .classifier import Classifier
from .delta_linear import DeltaLinear
from .delta_recurrent import DeltaRecurrent
from .formats import Formats


def integers(value: Tensor, frac: int) -> np.ndarray:
    """Integers of ``value`` with ``frac`` fraction bits; int64.

    Raises
    ------
    ValueError
        When a value does not lie on the grid.
    """
    scaled = value.detach().double().numpy() * 2.0**frac
    if not np.array_equal(scaled, np.rint(scaled)):
        raise ValueError(f"Values must be multiples of 2**-{frac} to be exported; quantise first")
    return scaled.astype(np.int64)


def recurrent_layer(layer: DeltaRecurrent) -> Layer:
    """The layer of a quantised recurrent delta layer; PyTorch's gate order is the cell's."""
    if not layer.quantised:
        raise ValueError("A recurrent layer is exported after quantised training only")
    form = layer.formats
    weight_x, weight_h, bias = layer.weights()
    return Layer(
        kind=layer.kind,
        weight_x=integers(weight_x, form.weight_x_frac),
        weight_h=integers(weight_h, form.weight_h_frac),
        bias=integers(bias, form.accumulator_frac),
        x_frac=form.x_frac,
        weight_x_frac=form.weight_x_frac,
        weight_h_frac=form.weight_h_frac,
        threshold_x=int(layer.threshold_x * 2**form.x_frac),
        threshold_h=int(layer.threshold_h * 2**layer.h_frac),
        weight_bits=form.weight_bits,
        value_bits=form.value_bits,
    )


def linear_layer(linear: DeltaLinear) -> Layer:
    """The layer of a quantised `DeltaLinear`."""
    if not linear.quantised:
        raise ValueError("A linear layer is exported after quantised training only")
    form = linear.formats
    weight, bias = linear.weights()
    outputs = linear.out_features
    return Layer(
        kind=linear.kind,
        weight_x=integers(weight, form.weight_x_frac)[None],
        weight_h=np.zeros((1, outputs, 0), np.int64),
        bias=integers(bias, form.accumulator_frac)[None],
        x_frac=form.x_frac,
        weight_x_frac=form.weight_x_frac,
        weight_h_frac=0,
        threshold_x=int(linear.threshold_x * 2**form.x_frac),
        weight_bits=form.weight_bits,
        value_bits=form.value_bits,
    )


def to_network(model: Classifier, **description: Any) -> Network:
    """The network of a quantised classifier.

    Parameters
    ----------
    model : Classifier
    **description
        Name, classes, decision, front end and notes of the `Network`.
    """
    with torch.no_grad():
        layers = (recurrent_layer(model.gru), linear_layer(model.linear))
    return Network(layers=layers, **description)


def from_network(network: Network) -> Classifier:
    """The quantised classifier of a network that `to_network` made, for further training.

    Raises
    ------
    ValueError
        When the network is not one GRU layer and one linear layer.
    """
    kinds = [layer.kind for layer in network.layers]
    if kinds != ["gru", "linear"]:
        raise ValueError(f"The layers must be gru, linear to be trained, not {', '.join(kinds)}")
    gru, linear = network.layers
    formats = Formats(
        x_frac=gru.x_frac,
        weight_x_frac=gru.weight_x_frac,
        weight_h_frac=gru.weight_h_frac,
        weight_bits=gru.weight_bits,
        value_bits=gru.value_bits,
    )
    model = Classifier(
        gru.inputs, gru.units, linear.units, formats=formats, linear_frac=linear.weight_x_frac
    )
    model.set_thresholds(gru.threshold_x / 2**gru.x_frac, gru.threshold_h / 2**gru.h_frac)
    model.set_quantised(True)
    bias_x, bias_h = (np.zeros((len(gru.cell.gates), gru.units)) for _ in range(2))
    for sweep, row in zip(gru.cell.passes, gru.bias / 2.0**gru.accumulator_frac, strict=True):
        (bias_x if sweep.inputs else bias_h)[sweep.gate] = row
    parameters = {
        "gru.weight_ih_l0": gru.weight_x.reshape(-1, gru.inputs) / 2.0**gru.weight_x_frac,
        "gru.weight_hh_l0": gru.weight_h.reshape(-1, gru.units) / 2.0**gru.weight_h_frac,
        "gru.bias_ih_l0": bias_x.flatten(),
        "gru.bias_hh_l0": bias_h.flatten(),
        "linear.weight": linear.weight_x[0] / 2.0**linear.weight_x_frac,
        "linear.bias": linear.bias[0] / 2.0**linear.accumulator_frac,
    }
    model.load_state_dict({name: torch.tensor(value) for name, value in parameters.items()})
    return model
