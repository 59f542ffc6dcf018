"""The model file users keep: integer tensors and JSON metadata in ``.safetensors``."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from .description import FORMAT, VERSIONS, Description, NetworkDescription
from .files import write_atomically
from .network import Layer, Network
from .untrusted import json_of, read_bytes, shown, validated

TENSORS = ("weight_x", "weight_h", "bias")
SCALARS = (
    "kind", "x_frac", "weight_x_frac", "weight_h_frac", "threshold_x", "threshold_h",
    "weight_bits", "value_bits",
)  # fmt: skip
ACTIVITY_NOTE = "activity"
"""Key of the notes that hold how many events steps have (`thresh.performance.activity`)."""

METADATA = ("name", "classes", "decision", "front_end", "notes")
DEVICE_METADATA = ("microphone", "spotter")
"""Written only where there is one, so that files of other networks stay the same."""


def layer_scalars(layer: Layer) -> dict[str, Any]:
    """Everything of a layer that is not a tensor, as JSON."""
    return {name: getattr(layer, name) for name in SCALARS}


def layer_from_parts(scalars: dict[str, Any], tensors: dict[str, np.ndarray]) -> Layer:
    """A layer from `layer_scalars` and its tensors; other scalars are ignored."""
    parts: dict[str, Any] = {name: scalars[name] for name in SCALARS} | tensors
    return Layer(**parts)


def network_metadata(network: Network) -> dict[str, Any]:
    """Everything of a network that is not a layer, as JSON; what few have where there is one."""
    found = {name: getattr(network, name) for name in METADATA} | {"classes": list(network.classes)}
    found |= {name: getattr(network, name) for name in DEVICE_METADATA if getattr(network, name)}
    if network.scaling is not None:
        found["scaling"] = network.scaling.to_dict()
    return found


def metadata_from(fields: NetworkDescription) -> dict[str, Any]:
    """Keywords of a `Network` from what `network_metadata` wrote."""
    found = {name: getattr(fields, name) for name in (*METADATA, *DEVICE_METADATA)}
    return found | {"scaling": fields.scaling.made() if fields.scaling else None}


def description_of(network: Network) -> str:
    """Everything of a network that is not a tensor, as the JSON text that files carry.

    With ``readout`` the last of the layers is the host's.
    """
    description = {
        "format": FORMAT,
        "version": VERSIONS[network.scaling is not None],
        "layers": [layer_scalars(layer) for layer in network.all_layers],
        **network_metadata(network),
    }
    if network.readout is not None:
        description["readout"] = True
    return json.dumps(description, sort_keys=True)


def tensors_of(network: Network) -> dict[str, np.ndarray]:
    """Every tensor of a network by the name that files give it; int8, biases int32.

    In C order: safetensors writes the memory of an array as it lies.
    """
    return {
        f"layers.{number}.{name}": getattr(layer, name).astype(
            np.int32 if name == "bias" else np.int8, order="C"
        )
        for number, layer in enumerate(network.all_layers)
        for name in TENSORS
    }


def assemble(text: str, tensors: Mapping[str, np.ndarray], path: Path | str) -> Network:
    """The network of `description_of` and `tensors_of`.

    Raises
    ------
    ValueError
        When they describe no valid network; names ``path`` and the field.
    """
    try:
        description = _described(json_of(text, "its description"))
        layers = [
            layer_from_parts(
                scalars.model_dump(),
                {name: tensors[f"layers.{number}.{name}"] for name in TENSORS},
            )
            for number, scalars in enumerate(description.layers)
        ]
        readout = layers.pop() if description.readout else None
        return Network(layers=tuple(layers), readout=readout, **metadata_from(description))
    except KeyError as error:
        raise ValueError(f"{path} lacks the tensor {shown(error, 80)}") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{path} is not a valid network: {shown(error)}") from error


def _described(value: Any) -> Description:
    if isinstance(value, dict) and (value.get("format"), value.get("version")) not in [
        (FORMAT, version) for version in VERSIONS
    ]:
        known = " or ".join(map(str, VERSIONS))
        raise ValueError(
            f"format must be {FORMAT} version {known}, not {shown(value.get('format'), 40)} "
            f"version {shown(value.get('version'), 40)}"
        )
    return validated(Description, value, "its description")


def save_network(network: Network, path: Path | str) -> None:
    """Write ``network`` as a model file, whole or not at all."""
    metadata = {"thresh": description_of(network)}
    write_atomically(path, save_tensors(tensors_of(network), metadata=metadata))


def load_network(path: Path | str) -> Network:
    """Read a model file.

    Raises
    ------
    ValueError
        When it is not one, is truncated, or describes an invalid network; names the field.
    OSError
        When it cannot be read.
    """
    data = read_bytes(path)
    try:
        tensors = load_tensors(data)
        length = int.from_bytes(data[:8], "little")
        header = json_of(data[8 : 8 + length], "its header").get("__metadata__") or {}
    except (SafetensorError, KeyError, ValueError) as error:
        raise ValueError(f"{path} is not a whole .safetensors file: {shown(error, 150)}") from error
    if "thresh" not in header:
        raise ValueError(
            f"{path} holds no thresh network (no 'thresh' metadata): import or train one first"
        )
    return assemble(header["thresh"], tensors, path)
