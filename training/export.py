"""Trained delta layers to the integers of `thresh.model.network`, and back."""

from typing import Any

import torch
from torch import Tensor

from thresh.model.float_network import FloatLayer, gate_biases, linear
from thresh.model.network import Layer, Network
from thresh.model.quantise import LayerFormats, quantise_layer

from .classifier import Classifier
from .delta_linear import DeltaLinear
from .delta_recurrent import DeltaRecurrent
from .formats import Formats
from .thresholds import Threshold


def recurrent_layers(module: DeltaRecurrent) -> tuple[Layer, ...]:
    """The layers of quantised recurrent delta layers; PyTorch's gate order is the cell's.

    Raises
    ------
    ValueError
        When they are not quantised, or a threshold is not one number per layer.
    """
    if not module.quantised:
        raise ValueError("A recurrent layer is exported after quantised training only")
    layers = []
    threshold = _integer(module.threshold_x, module.formats.x_frac)
    for number, form in enumerate(module.layer_formats):
        weight_x, weight_h, bias = (
            tensor.detach().cpu().numpy() for tensor in module.weights(number)
        )
        own = _integer(module.get(f"threshold_h_l{number}"), module.h_frac)
        formats = LayerFormats(**vars(form), threshold_x=threshold, threshold_h=own)
        real = FloatLayer(kind=module.kind, weight_x=weight_x, weight_h=weight_h, bias=bias)
        layers.append(quantise_layer(real, formats))
        threshold = own
    return tuple(layers)


def _integer(threshold: Threshold, frac: int) -> int:
    """A threshold as an integer of its grid."""
    if isinstance(threshold, Tensor):
        raise ValueError(
            f"The gateware has one threshold per layer, not {threshold.numel()}: give the layer "
            f"one number and train on"
        )
    return round(threshold * 2**frac)


def linear_layer(layer: DeltaLinear) -> Layer:
    """The layer of a quantised `DeltaLinear`."""
    if not layer.quantised:
        raise ValueError("A linear layer is exported after quantised training only")
    form = layer.formats
    weight, bias = (tensor.detach().cpu().numpy() for tensor in layer.weights())
    formats = LayerFormats(
        **{**vars(form), "weight_h_frac": 0}, threshold_x=_integer(layer.threshold_x, form.x_frac)
    )
    return quantise_layer(linear(weight, bias, function=layer.function), formats)


def to_network(model: Classifier, **description: Any) -> Network:
    """The network of a quantised classifier.

    Parameters
    ----------
    model : Classifier
    **description
        Name, classes, decision, front end and notes of the `Network`.
    """
    with torch.no_grad():
        layers = (*recurrent_layers(model.gru), linear_layer(model.linear))
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
    bias_x, bias_h = gate_biases(gru.cell, gru.bias / 2.0**gru.accumulator_frac)
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
