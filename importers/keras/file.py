"""Keras files: the layers of a chain with their settings and weights, read without Keras."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from thresh.importers.hdf5 import array, child, open_hdf5
from thresh.model.files import reason
from thresh.model.text import shown
from thresh.model.untrusted import (
    MOST_BYTES,
    MOST_TEXT,
    Allowance,
    json_of,
    read_bytes,
    unpacked,
    validated,
)

OVER_TIME = ("GRU", "LSTM", "SimpleRNN", "Bidirectional", "GlobalAveragePooling1D")
"""Layers that run over the steps of a sequence."""


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
    path = Path(path)
    data = read_bytes(path)
    try:
        if zipfile.is_zipfile(io.BytesIO(data)):
            members = unpacked(data, {"config.json": MOST_TEXT, "model.weights.h5": MOST_BYTES})
            missing = {"config.json", "model.weights.h5"} - set(members)
            if missing:
                raise ValueError(f"it has no {min(missing)}")
            model = json_of(members["config.json"], "config.json")
            weights = members["model.weights.h5"]
            left = Allowance(len(weights))
            with open_hdf5(weights) as file:
                return _layers(model, lambda place, name: _of_zip(file, model, place, name, left))
        left = Allowance(len(data))
        with open_hdf5(data) as file:
            if "model_config" not in file.attrs:
                raise ValueError("it holds weights without their model; save it whole")
            model = json_of(file.attrs["model_config"], "its model_config")
            return _layers(model, lambda place, name: _of_h5(file, name, left))
    except ModuleNotFoundError:
        raise
    except Exception as error:  # damaged HDF5 raises what it likes
        raise ValueError(f"{path} cannot be read as a Keras model: {reason(error)}") from error


class _Settings(BaseModel):
    """What every layer's settings hold."""

    model_config = ConfigDict(strict=True, extra="allow")

    name: str = Field(max_length=200)
    use_bias: bool = True
    return_sequences: bool = False
    stateful: bool = False
    go_backwards: bool = False


class _Layer(BaseModel):
    """A layer as Keras writes it."""

    model_config = ConfigDict(strict=True, extra="allow")

    class_name: str = Field(max_length=200)
    config: _Settings
    inbound_nodes: list[Any] = []


class _Layers(BaseModel):
    """The settings of a whole model."""

    model_config = ConfigDict(strict=True, extra="allow")

    layers: list[_Layer] = Field(max_length=1000)


class _Model(BaseModel):
    """A model as Keras writes it."""

    model_config = ConfigDict(strict=True, extra="allow")

    class_name: str = Field(max_length=200)
    config: _Layers | list[_Layer]


def _layers(model: Any, weights: Any) -> list[KerasLayer]:
    kind = validated(_Model, model, "its model").class_name
    if kind not in ("Sequential", "Functional", "Model"):
        raise ValueError(
            f"it is a {shown(kind, 60)}, whose layers are not written down; save a Sequential or "
            f"Functional model"
        )
    configs = _configs(model)
    places = _chain(configs) if kind != "Sequential" else range(len(configs))
    found = []
    for place in places:
        name, kind = configs[place]["config"]["name"], configs[place]["class_name"]
        config, arrays = configs[place]["config"], weights(place, name)
        if kind == "TimeDistributed":
            inner = validated(_Layer, config.get("layer"), f"{name}")
            kind, config = inner.class_name, config["layer"]["config"]
            if kind in OVER_TIME:
                raise ValueError(
                    f"{name} runs a {kind} within every step, and a step here is one vector"
                )
        found.append(KerasLayer(kind=kind, name=shown(name, 60), config=config, arrays=arrays))
    return found


def _configs(model: dict[str, Any]) -> list[dict[str, Any]]:
    config = model["config"]
    layers: list[dict[str, Any]] = config["layers"] if isinstance(config, dict) else config
    return layers


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


def _of_h5(file: Any, name: str, left: Allowance) -> list[np.ndarray]:
    """Weights of a layer in a ``.h5``, in the order of ``weight_names``."""
    group = child(file, f"model_weights/{name}")
    if group is None:
        return []
    names = [n.decode() if isinstance(n, bytes) else str(n) for n in group.attrs["weight_names"]]
    return [array(child(group, one), left, f"{name}/{one}") for one in names]


def _of_zip(
    file: Any, model: dict[str, Any], place: int, name: str, left: Allowance
) -> list[np.ndarray]:
    """Weights of a layer in a ``.keras``, whose groups are numbered by class."""
    root = next((r for r in ("layers", "_layer_checkpoint_dependencies") if r in file), None)
    if root is None:
        raise ValueError("its weights lie in no group that is known")
    classes = [_snake(config["class_name"]) for config in _configs(model)]
    count = classes[:place].count(classes[place])
    group = child(file, f"{root}/{classes[place]}_{count}" if count else f"{root}/{classes[place]}")
    if group is None:
        return []
    vars_ = child(group, "vars")
    said = vars_.attrs.get("name", name) if vars_ is not None else name
    if said != name:
        raise ValueError(f"the weights of {name!r} are named {said!r}")
    for inner in ("cell/vars", "layer/vars", "vars"):
        variables = child(group, inner)
        if variables is not None and len(variables):
            return [
                array(child(variables, str(number)), left, f"{name} {number}")
                for number in range(len(variables))
            ]
    return []


def _snake(name: str) -> str:
    """The group's name of a class: ``SimpleRNN`` is simple_rnn."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
