"""Trained delta layers to the integers of `thresh.model.network`."""

import os
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from thresh.model.float_network import FloatLayer, linear
from thresh.model.model_file import save_network
from thresh.model.network import Layer, Network
from thresh.model.quantise import (
    LayerFormats,
    choose_formats,
    quantise_layer,
    threshold_integer,
)

from .delta_linear import DeltaLinear
from .delta_recurrent import DeltaRecurrent
from .formats import Formats
from .thresholds import Threshold

Module = DeltaRecurrent | DeltaLinear


def float_layers(module: Module) -> tuple[FloatLayer, ...]:
    """The real layers of a module; PyTorch's gate order is the cell's."""
    with torch.no_grad():
        if isinstance(module, DeltaLinear):
            weight, bias = (tensor.cpu().numpy() for tensor in module.weights())
            return (linear(weight, bias, function=module.function),)
        each = [
            [tensor.cpu().numpy() for tensor in module.weights(number)]
            for number in range(module.num_layers)
        ]
    return tuple(
        FloatLayer(kind=module.kind, weight_x=weight_x, weight_h=weight_h, bias=bias)
        for weight_x, weight_h, bias in each
    )


def fit_formats(
    modules: Sequence[Module], x_frac: int, *, weight_bits: int = 8, value_bits: int = 16
) -> None:
    """Give every layer of a chain the formats in which its weights are nearest to what they are.

    One power of two scales each of a layer's two weight matrices, as the gateware has it.

    Parameters
    ----------
    modules : sequence of DeltaRecurrent and DeltaLinear
        Not quantised yet.
    x_frac : int
        Fraction bits of the first module's inputs.
    weight_bits : int
        4 or 8.
    value_bits : int
        8 to 16.

    Raises
    ------
    ValueError
        When no format of a layer is free of overflow.
    """
    for module in modules:
        found = []
        for real in float_layers(module):
            formats = choose_formats(real, [x_frac], weight_bits=weight_bits, value_bits=value_bits)
            fields = {name: getattr(formats, name) for name in Formats.__dataclass_fields__}
            found.append(Formats(**fields))
            x_frac = value_bits - real.cell.integer_bits
        module.set_formats(found[0] if isinstance(module, DeltaLinear) else found)


def layers_of(module: Module) -> tuple[Layer, ...]:
    """The integers of a quantised module.

    Raises
    ------
    ValueError
        When it is not quantised, or a threshold is not one number per layer.
    """
    if not module.quantised:
        raise ValueError(f"{type(module).__name__} is exported after quantised training only")
    if isinstance(module, DeltaLinear):
        forms, own = (module.formats,), [0]
    else:
        forms = module.layer_formats
        levels = (module.get(f"threshold_h_l{number}") for number in range(module.num_layers))
        own = [
            threshold_integer(_single(level), module.h_frac, form.value_bits)
            for level, form in zip(levels, forms, strict=True)
        ]
    first = forms[0]
    before = [
        threshold_integer(_single(module.threshold_x), first.x_frac, first.value_bits), *own
    ]  # fmt: skip
    layers = []
    for number, (real, form) in enumerate(zip(float_layers(module), forms, strict=True)):
        fields = vars(form) | ({} if real.hidden else {"weight_h_frac": 0})
        formats = LayerFormats(**fields, threshold_x=before[number], threshold_h=own[number])
        layers.append(quantise_layer(real, formats))
    return tuple(layers)


def _single(threshold: Threshold) -> float:
    """The one number of a layer."""
    if isinstance(threshold, Tensor):
        raise ValueError(
            f"The gateware has one threshold per layer, not {threshold.numel()}: give the layer "
            f"one number and train on"
        )
    return threshold


def network_of(modules: Sequence[Module], **description: Any) -> Network:
    """The network of a chain of quantised modules.

    Parameters
    ----------
    modules : sequence of DeltaRecurrent and DeltaLinear
        Each ``threshold_x`` behind the first is the ``threshold_h`` of the layer before it.
    **description
        Name, classes, decision, front end and notes of the `Network`.
    """
    layers = tuple(layer for module in modules for layer in layers_of(module))
    return Network(layers=layers, **description)


def export(path: str | os.PathLike[str], modules: Sequence[Module], **description: Any) -> Network:
    """Write the model file of a chain of quantised modules; see `network_of`."""
    network = network_of(modules, **description)
    save_network(network, path)
    return network
