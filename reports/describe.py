"""What a file is and what it holds."""

from pathlib import Path
from typing import Any

import numpy as np

from thresh.audio.chain import read_spotter
from thresh.audio.spotter import NEVER
from thresh.data.audio_file import read_audio
from thresh.layout.image import MAGIC, parse_image
from thresh.model.files import read_arrays
from thresh.model.model_file import ACTIVITY_NOTE, load_network
from thresh.model.network import Network
from thresh.model.qformat import QFormat
from thresh.model.untrusted import read_bytes

from .table import Table, facts, grid


def describe(path: Path) -> dict[str, Any]:
    """What ``path`` holds, as JSON.

    Raises
    ------
    ValueError
        When it is none of the kinds known, or is damaged.
    """
    with path.open("rb") as file:
        head = file.read(16)
    if head[:4] == MAGIC:
        image = parse_image(read_bytes(path), str(path))
        return {
            "type": "network image",
            "bytes": path.stat().st_size,
            "geometry": image.geometry.to_dict(),
            "weight_words": image.placement.weight_words,
        } | describe_network(image.network)
    if head[:4] == b"RIFF":
        return _describe_audio(path)
    if head[:6] == b"\x93NUMPY" or (head[:2] == b"PK" and path.suffix.lower() == ".npz"):
        return _describe_arrays(path)
    if head[8:9] == b"{":
        network = load_network(path)
        return {"type": "model file", "bytes": path.stat().st_size} | describe_network(network)
    raise ValueError(f"{path} is not a model file, a network image, an audio file or a NumPy file")


def describe_network(network: Network) -> dict[str, Any]:
    """Sizes, formats and thresholds of ``network``, as JSON; thresholds as real values too."""
    layers = []
    for layer in network.all_layers:
        x_format = QFormat(bits=layer.value_bits, frac=layer.x_frac)
        h_format = QFormat(bits=layer.value_bits, frac=layer.h_frac)
        layers.append(
            {
                "kind": layer.kind,
                "computed_by": "host" if layer is network.readout else "accelerator",
                "inputs": layer.inputs,
                "units": layer.units,
                "weights": layer.weight_x.size + layer.weight_h.size,
                "input_format": str(x_format),
                "output_format": str(h_format),
                "weight_x_frac": layer.weight_x_frac,
                "weight_h_frac": layer.weight_h_frac,
                "threshold_x": layer.threshold_x,
                "threshold_x_real": layer.threshold_x / 2**layer.x_frac,
                "threshold_h": layer.threshold_h,
                "threshold_h_real": layer.threshold_h / 2**layer.h_frac,
            }
        )
    return {
        "name": network.name,
        "inputs": network.inputs,
        "outputs": network.outputs,
        "weights": network.weights,
        "weight_bits": network.weight_bits,
        "value_bits": network.value_bits,
        "classes": list(network.classes),
        "decision": network.decision,
        "layers": layers,
        "microphone": _without_lists(network.microphone),
        "front_end": _without_lists(network.front_end),
        "spotter": _without_lists(network.spotter),
        "announced_above": _announced_above(network),
        "notes": network.notes,
    }


def _without_lists(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if not isinstance(value, list)}


def _announced_above(network: Network) -> dict[str, float]:
    """Averaged score, a real value, by the name of every class that is announced."""
    spotter = read_spotter(network)
    if spotter is None:
        return {}
    names = network.classes or range(network.outputs)
    return {
        str(name): threshold / 2**network.output_frac
        for name, threshold in zip(names, spotter.thresholds, strict=True)
        if threshold != NEVER
    }


def described_tables(title: str, data: dict[str, Any]) -> list[Table]:
    """`describe` or `describe_network` for people."""
    rows = [
        (name.replace("_", " "), _text(value))
        for name, value in data.items()
        if name != "layers" and value != {}
    ]
    tables = [facts(title, rows)]
    if layers := data.get("layers"):
        columns = [f"layer {number}" for number in range(len(layers))]
        fields = [
            (name.replace("_", " "), *(layer[name] for layer in layers)) for name in layers[0]
        ]
        tables.append(grid("Layers", ("", *columns), fields))
    return tables


def _describe_audio(path: Path) -> dict[str, Any]:
    pcm, note = read_audio(path, 8000)
    return {
        "type": "audio",
        "samples_at_8_khz": len(pcm),
        "seconds": len(pcm) / 8000,
        "peak": int(np.abs(pcm.astype(np.int64)).max()),
        "converted": note,
    }


def _describe_arrays(path: Path) -> dict[str, Any]:
    return {
        "type": "arrays",
        "arrays": {
            name: {"shape": list(array.shape), "dtype": str(array.dtype)}
            for name, array in read_arrays(path).items()
        },
    }


def _text(value: object) -> object:
    if isinstance(value, dict):
        activity = value.get(ACTIVITY_NOTE)
        if isinstance(activity, dict) and {"source", "steps"} <= activity.keys():
            value = value | {
                ACTIVITY_NOTE: f"{len(activity['steps'])} steps of {activity['source']}"
            }
        return ", ".join(f"{name.replace('_', ' ')} {item}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value
