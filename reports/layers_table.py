"""The layers of a network, as JSON and as a table."""

from collections.abc import Sequence
from typing import Any

from thresh.model.float_network import FloatLayer, FloatNetwork
from thresh.model.network import Layer, Network

from .table import Table, grid


def shapes(network: FloatNetwork | Network) -> list[dict[str, Any]]:
    """Kind and sizes of every layer, as JSON."""
    layers: Sequence[FloatLayer | Layer] = network.layers
    return [{"kind": layer.kind, "inputs": layer.inputs, "units": layer.units} for layer in layers]


def layers_table(title: str, network: FloatNetwork | Network) -> Table:
    """Kind, sizes and origin of every layer, for people."""
    layers: Sequence[FloatLayer | Layer] = network.layers
    rows = [
        (n, layer.kind, f"{layer.inputs} to {layer.units}", getattr(layer, "name", ""))
        for n, layer in enumerate(layers)
    ]
    return grid(title, ("layer", "kind", "size", "from"), rows)
