"""NIR files (Neuromorphic Intermediate Representation), as far as their nodes go.

NIR has affine maps and spiking neurons, and neither a gated cell nor a function: a stack of
``linear`` layers goes out and comes back, everything else is refused.
"""

import io
from pathlib import Path
from typing import Any

import numpy as np

from thresh.model.files import reason, write_atomically
from thresh.model.float_network import FloatLayer, FloatNetwork, linear
from thresh.model.model_file import assemble, description_of
from thresh.model.network import Network
from thresh.model.untrusted import json_of, read_bytes

from .hdf5 import refuse_unsafe
from .imported import Imported

METADATA = "thresh"
"""Entry of a graph's metadata that describes the integers."""


def to_nir(network: Network) -> Any:
    """An ``nir.NIRGraph`` of affine maps: the dense network in float64, every integer kept.

    Raises
    ------
    ValueError
        When a layer is of a kind that NIR has no node for.
    ModuleNotFoundError
        When the package is not installed.
    """
    import nir

    nodes = []
    if network.scaling is not None:
        scales, offsets = np.array(network.scaling.scales), np.array(network.scaling.offsets)
        nodes.append(nir.Affine(weight=np.diag(scales), bias=-offsets * scales))
    for number, layer in enumerate(network.all_layers):
        if layer.kind != "linear":
            raise ValueError(
                f"layers.{number} is a {layer.kind}, which NIR has no node for: export .npz"
            )
        nodes.append(
            nir.Affine(
                weight=layer.weight_x[0] / 2.0**layer.weight_x_frac,
                bias=layer.bias[0] / 2.0**layer.accumulator_frac,
            )
        )
    graph = nir.NIRGraph.from_list(*nodes)
    graph.metadata = {METADATA: description_of(network)}
    return graph


def save_nir(network: Network, path: Path | str) -> None:
    """Write `to_nir`, whole or not at all."""
    import nir

    content = io.BytesIO()
    nir.write(content, to_nir(network))
    write_atomically(path, content.getvalue())


def load_nir(path: Path | str) -> Any:
    """The ``nir.NIRGraph`` of a file.

    Raises
    ------
    ValueError
        When it is damaged, or no graph.
    OSError
        When it cannot be read.
    """
    import nir

    data = read_bytes(path)
    try:
        refuse_unsafe(data)
        return nir.read(io.BytesIO(data))
    except Exception as error:
        raise ValueError(f"{path} is no whole graph of NIR: {reason(error)}") from error


def integers_of(graph: Any, path: Path | str) -> Network | None:
    """The network whose integers `to_nir` wrote; None for another graph.

    Raises
    ------
    ValueError
        When nodes or metadata are not those that were written.
    """
    text = graph.metadata.get(METADATA)
    if text is None:
        return None
    tensors, layers = {}, _chain(graph, path)
    if is_scaled(str(text), path):
        layers = layers[1:]
    for number, layer in enumerate(layers):
        tensors[f"layers.{number}.weight_x"] = layer.weight_x
        tensors[f"layers.{number}.weight_h"] = layer.weight_h
        tensors[f"layers.{number}.bias"] = layer.bias
    return assemble(str(text), _scaled(str(text), tensors, path), path)


def import_nir(graph: Any, path: Path | str) -> Imported:
    """The network of a graph that is a chain of Linear, Affine, Scale and Identity.

    Raises
    ------
    ValueError
        In one sentence: what cannot be computed and what to do.
    """
    return Imported(network=FloatNetwork(layers=tuple(_chain(graph, path))))


def is_scaled(text: str, path: Path | str) -> bool:
    """The first node is the input scaling of this description."""
    description = json_of(text, path)
    return isinstance(description, dict) and description.get("scaling") is not None


def _scaled(text: str, reals: dict[str, np.ndarray], path: Path | str) -> dict[str, np.ndarray]:
    """The integers that real tensors stand for."""
    try:
        layers = json_of(text, "its description")["layers"]
        integers = {}
        for number, fields in enumerate(layers):
            name, weight, x = f"layers.{number}", fields["weight_x_frac"], fields["x_frac"]
            for tensor, frac, kind in (
                ("weight_x", weight, np.int8),
                ("weight_h", 0, np.int8),
                ("bias", weight + x, np.int32),
            ):
                value = reals[f"{name}.{tensor}"] * 2.0**frac
                integers[f"{name}.{tensor}"] = value.astype(kind)
                if (integers[f"{name}.{tensor}"] != value).any():
                    raise ValueError(f"{name}.{tensor} does not lie on its grid")
        return integers
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} has changed since thresh export wrote it ({reason(error)}): export it again"
        ) from error


def _chain(graph: Any, path: Path | str) -> list[FloatLayer]:
    """Linear layers from a graph's input to its output."""
    follows: dict[str, list[str]] = {}
    for start, end in graph.edges:
        follows.setdefault(start, []).append(end)
    if len(graph.inputs) != 1:
        raise ValueError(f"{path} must have one input, not {len(graph.inputs)}")
    (at,), layers = graph.inputs, []
    seen = {at}
    while at not in graph.outputs:
        nodes = follows.get(at, [])
        if len(nodes) != 1 or nodes[0] in seen:
            raise ValueError(f"{path} is no chain from one input to one output at node {at}")
        (at,) = nodes
        seen.add(at)
        layers += _layer(graph.nodes[at], at)
    if not layers or seen != set(graph.nodes):
        raise ValueError(f"{path} must be a chain of nodes from its input to its output")
    return layers


def _layer(node: Any, name: str) -> list[FloatLayer]:
    kind = type(node).__name__
    if kind in ("Output", "Identity"):
        return []
    if kind == "Scale" and np.ndim(node.scale) == 1:
        return [linear(np.diag(node.scale), None, name=name)]
    if kind in ("Linear", "Affine"):
        return [linear(node.weight, getattr(node, "bias", None), name=name)]
    raise ValueError(
        f"{name} is a {kind}, which has no counterpart here: only a chain of Linear, Affine, Scale "
        f"and Identity can be imported, no spiking, convolution or pooling node"
    )
