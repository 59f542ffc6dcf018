"""Keras files: the layers of a chain with their settings and weights, read without Keras."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from thresh.model.files import reason


@dataclass(frozen=True, kw_only=True)
class KerasLayer:
    """One layer of a file.

    Parameters
    ----------
    kind, name : str
        Class and name in Keras; a TimeDistributed layer is the one inside.
    config : dict
        Its settings.
    arrays : list of ndarray
        Its weights, in Keras' order.
    """

    kind: str
    name: str
    config: dict[str, Any]
    arrays: list[np.ndarray]


def read_keras(path: Path | str) -> list[KerasLayer]:
    """Layers of a ``.keras`` or ``.h5`` file, first to last.

    Raises
    ------
    ValueError
        When it is damaged, holds weights alone, or its layers are not a chain.
    OSError
        When it cannot be read.
    """
    import h5py

    path = Path(path)
    data = path.read_bytes()
    try:
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                model = json.loads(archive.read("config.json"))
                weights = archive.read("model.weights.h5")
            with h5py.File(io.BytesIO(weights)) as file:
                return _layers(model, lambda place, name: _of_zip(file, model, place, name))
        with h5py.File(io.BytesIO(data)) as file:
            if "model_config" not in file.attrs:
                raise ValueError("it holds weights without their model; save it whole")
            model = json.loads(file.attrs["model_config"])
            return _layers(model, lambda place, name: _of_h5(file, name))
    except Exception as error:  # damaged HDF5 raises what it likes
        raise ValueError(f"{path} cannot be read as a Keras model: {reason(error)}") from error


def _layers(model: dict[str, Any], weights: Any) -> list[KerasLayer]:
    configs = model["config"]["layers"] if isinstance(model["config"], dict) else model["config"]
    if model["class_name"] not in ("Sequential", "Functional", "Model"):
        raise ValueError(
            f"it is a {model['class_name']}, whose layers are not written down; save a Sequential "
            f"or Functional model"
        )
    places = range(len(configs))
    if model["class_name"] != "Sequential":
        places = _chain(configs)
    found = []
    for place in places:
        name, kind = configs[place]["config"]["name"], configs[place]["class_name"]
        config, arrays = configs[place]["config"], weights(place, name)
        if kind == "TimeDistributed":
            kind, config = config["layer"]["class_name"], config["layer"]["config"]
        found.append(KerasLayer(kind=kind, name=name, config=config, arrays=arrays))
    return found


def _chain(configs: list[dict[str, Any]]) -> Any:
    """Places of the layers from the input on, where each has one source and one reader."""
    place_of = {config["config"]["name"]: place for place, config in enumerate(configs)}
    readers: dict[str, list[int]] = {name: [] for name in place_of}
    for place, config in enumerate(configs):
        sources = list(_sources(config["inbound_nodes"]))
        if len(sources) > 1 or len(config["inbound_nodes"]) > 1:
            name = config["config"]["name"]
            raise ValueError(f"{name} has several inputs or uses, so the layers are no chain")
        for source in sources:
            readers[source].append(place)
    (start, *more) = [p for p, c in enumerate(configs) if not list(_sources(c["inbound_nodes"]))]
    order = [start]
    while following := readers[configs[order[-1]]["config"]["name"]]:
        order.append(following[0])
        more += following[1:]
    if more or len(order) != len(configs):
        raise ValueError("it branches, so the layers are no chain")
    return order


def _sources(nodes: Any) -> Iterator[str]:
    """Names of the layers that feed a layer, as Keras 3 or Keras 2 writes them."""
    if isinstance(nodes, dict):
        if nodes.get("class_name") == "__keras_tensor__":
            yield nodes["config"]["keras_history"][0]
        else:
            for key, value in nodes.items():
                if key != "kwargs":
                    yield from _sources(value)
    elif isinstance(nodes, list):
        if len(nodes) >= 3 and isinstance(nodes[0], str) and isinstance(nodes[1], int):
            yield nodes[0]
        else:
            for value in nodes:
                yield from _sources(value)


def _of_h5(file: Any, name: str) -> list[np.ndarray]:
    """Weights of a layer in a ``.h5``, in the order of ``weight_names``."""
    if name not in file["model_weights"]:
        return []
    group = file["model_weights"][name]
    names = [n.decode() if isinstance(n, bytes) else n for n in group.attrs["weight_names"]]
    return [np.asarray(group[one]) for one in names]


def _of_zip(file: Any, model: dict[str, Any], place: int, name: str) -> list[np.ndarray]:
    """Weights of a layer in a ``.keras``, whose groups are numbered by class."""
    root = next((r for r in ("layers", "_layer_checkpoint_dependencies") if r in file), None)
    if root is None:
        raise ValueError("its weights lie in no group that is known")
    classes = [_snake(config["class_name"]) for config in model["config"]["layers"]]
    count = classes[:place].count(classes[place])
    group = file[root].get(f"{classes[place]}_{count}" if count else classes[place])
    if group is None:
        return []
    said = group["vars"].attrs.get("name", name) if "vars" in group else name
    if said != name:
        raise ValueError(f"the weights of {name} are named {said}")
    for inner in ("cell", "layer", ""):
        variables = group.get(f"{inner}/vars" if inner else "vars")
        if variables is not None and len(variables):
            return [np.asarray(variables[str(number)]) for number in range(len(variables))]
    return []


def _snake(name: str) -> str:
    """The group's name of a class: ``SimpleRNN`` is simple_rnn."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
