"""Networks as plain arrays: ``.npz``, or JSON, for anyone without a framework.

An ``.npz`` holds ``layers.N.kind`` (text), ``layers.N.weight_x``, ``layers.N.weight_h`` (not of
linear layers) and ``layers.N.bias`` for N from 0; JSON is ``{"layers": [{"kind": ...,
"weight_x": ..., "weight_h": ..., "bias": ...}, ...]}``. Shapes and orders are those of
`thresh.model.float_network.FloatLayer`. With ``thresh``, a model file's metadata, the arrays are
the integers of a network.
"""

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from thresh.model.files import reason, write_atomically
from thresh.model.float_network import FloatLayer, FloatNetwork
from thresh.model.layer_shape import cell_named
from thresh.model.model_file import assemble, description_of, tensors_of
from thresh.model.network import Network
from thresh.model.untrusted import MOST_TEXT, arrays_of, json_of, read_bytes

DESCRIPTION = "thresh"
FIELDS = ("kind", "weight_x", "weight_h", "bias")
_NAME = re.compile(r"layers\.(\d+)\.(\w+)")


def read_plain(path: Path | str) -> FloatNetwork | Network:
    """Read an ``.npz`` or JSON file.

    Raises
    ------
    ValueError
        When it is damaged, or names and shapes are not those of a network.
    OSError
        When it cannot be read.
    """
    path = Path(path)
    if path.suffix.lower() == ".json":
        return _from_layers(_json_layers(path), path)
    arrays = _arrays(path)
    if DESCRIPTION in arrays:
        text = str(arrays.pop(DESCRIPTION))
        return assemble(text, arrays, path)
    layers: list[dict[str, Any]] = []
    for name, value in arrays.items():
        found = _NAME.fullmatch(name)
        if found is None or found[2] not in FIELDS:
            raise ValueError(f"{path} must hold layers.N.{{{','.join(FIELDS)}}}, not {name}")
        while len(layers) <= min(int(found[1]), 99):
            layers.append({})
        layers[min(int(found[1]), 99)][found[2]] = value
    return _from_layers(layers, path)


def write_plain(network: FloatNetwork | Network, path: Path | str) -> None:
    """Write an ``.npz`` that `read_plain` reads back equal, whole or not at all."""
    arrays: dict[str, Any]
    if isinstance(network, Network):
        arrays = tensors_of(network) | {DESCRIPTION: np.array(description_of(network))}
    else:
        arrays = {
            f"layers.{number}.{name}": np.asarray(getattr(layer, name))
            for number, layer in enumerate(network.layers)
            for name in FIELDS
        }
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    write_atomically(path, content.getvalue())


def _arrays(path: Path) -> dict[str, np.ndarray]:
    arrays = arrays_of(read_bytes(path), path)
    if "" in arrays:
        raise ValueError(f"{path} holds one array without a name")
    return arrays


def _json_layers(path: Path) -> list[dict[str, Any]]:
    content = json_of(read_bytes(path, MOST_TEXT), path)
    layers = content.get("layers") if isinstance(content, Mapping) else None
    if not isinstance(layers, list) or not all(isinstance(layer, dict) for layer in layers):
        raise ValueError(f'{path} must hold {{"layers": [{{"kind": ..., "weight_x": ...}}, ...]}}')
    return layers


def _from_layers(layers: list[dict[str, Any]], path: Path) -> FloatNetwork:
    return FloatNetwork(
        layers=tuple(_layer(fields, f"{path.name} layer {n}") for n, fields in enumerate(layers))
    )


def _layer(fields: Mapping[str, Any], name: str) -> FloatLayer:
    if unknown := set(fields) - set(FIELDS):
        raise ValueError(f"{name} must hold {', '.join(FIELDS)}, not {sorted(unknown)[0]}")
    for field in ("kind", "weight_x", "bias"):
        if field not in fields:
            raise ValueError(f"{name} lacks {field}")
    kind = str(fields["kind"])
    cell = cell_named(kind)
    weight_x, bias = (_numbers(fields[f], f"{name}: {f}") for f in ("weight_x", "bias"))
    if "weight_h" in fields:
        weight_h = _numbers(fields["weight_h"], f"{name}: weight_h")
    elif cell.recurrent:
        raise ValueError(f"{name} lacks weight_h")
    else:
        weight_h = np.zeros((*weight_x.shape[:2], 0))
    return FloatLayer(kind=kind, weight_x=weight_x, weight_h=weight_h, bias=bias, name=name)


def _numbers(value: Any, name: str) -> np.ndarray:
    try:
        return np.asarray(value, np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be an array of numbers: {reason(error)}") from error
