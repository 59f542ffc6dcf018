"""Keras files written with h5py in the layouts of Keras 2 (.h5) and Keras 3 (.keras, .h5).

The layouts were compared with files of Keras 3.15.
"""

import io
import json
import re
import zipfile

import h5py
import numpy as np

SHAPES = {
    "GRU": lambda i, u: [(i, 3 * u), (u, 3 * u), (2, 3 * u)],
    "LSTM": lambda i, u: [(i, 4 * u), (u, 4 * u), (4 * u,)],
    "SimpleRNN": lambda i, u: [(i, u), (u, u), (u,)],
    "Dense": lambda i, u: [(i, u), (u,)],
}
VARIABLES = ("kernel", "recurrent_kernel", "bias")
DEFAULTS = {
    "GRU": {"activation": "tanh", "recurrent_activation": "sigmoid", "reset_after": True},
    "LSTM": {"activation": "tanh", "recurrent_activation": "sigmoid"},
    "SimpleRNN": {"activation": "tanh"},
    "Dense": {"activation": "linear"},
}


def layer(kind, inputs=0, units=0, *, name=None, use_bias=True, seed=0, **config):
    """A layer's class, settings and random weights."""
    random = np.random.default_rng(seed)
    shapes = SHAPES[kind](inputs, units) if kind in SHAPES else []
    weights = [random.normal(0, 0.4, shape).astype(np.float32) for shape in shapes]
    settings = DEFAULTS.get(kind, {}) | {"use_bias": use_bias, "units": units}
    if kind in ("GRU", "LSTM", "SimpleRNN"):
        settings |= {"return_sequences": True, "go_backwards": False, "stateful": False}
    settings = {k: v for k, v in (settings | config).items() if v is not None}
    return {
        "class_name": kind,
        "config": {"name": name or kind.lower()} | settings,
        "weights": weights if use_bias else weights[:-1],
    }


def chained(layers, *, keras=3):
    """Inbound nodes of a Functional model, as Keras 3 or 2 writes them."""
    made = [layer_of("InputLayer", "x", batch_shape=[None, None, 3])]
    for one in layers:
        before = made[-1]["config"]["name"]
        tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": [before, 0, 0]}}
        three = [{"args": [tensor], "kwargs": {"mask": None}}]
        made.append(one | {"inbound_nodes": three if keras == 3 else [[[before, 0, 0, {}]]]})
    return made


def layer_of(kind, name, **config):
    """A layer without weights."""
    return {
        "class_name": kind, "config": {"name": name} | config, "weights": [], "inbound_nodes": [],
    }  # fmt: skip


def model_of(layers, kind="Sequential"):
    """The model's JSON."""
    plain = [{k: v for k, v in one.items() if k != "weights"} for one in layers]
    return {"class_name": kind, "config": {"name": "net", "layers": plain}}


def write_h5(path, layers, kind="Sequential"):
    """A whole model as HDF5: weights under their layer's name, in the order of weight_names."""
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(model_of(layers, kind))
        for one in layers:
            name = one["config"]["name"]
            group = file.create_group(f"model_weights/{name}")
            names = [f"{name}/cell/{variable}:0" for variable in VARIABLES]
            names = names if len(one["weights"]) != 2 or one["class_name"] != "Dense" else [
                f"{name}/kernel:0", f"{name}/bias:0"
            ]  # fmt: skip
            names = names[: len(one["weights"])]
            group.attrs["weight_names"] = [n.encode() for n in names]
            for variable, array in zip(names, one["weights"], strict=True):
                group.create_dataset(variable, data=array)
    return path


def write_zip(path, layers, kind="Sequential", *, root="layers", named=True):
    """A model as .keras: weights under their class and its number; Keras 3.0 gives no names."""
    content, counts = io.BytesIO(), {}
    with h5py.File(content, "w") as file:
        for one in layers:
            snake = re.sub(r"([a-z])([A-Z])", r"\1_\2", one["class_name"]).lower()
            number = counts[snake] = counts.get(snake, -1) + 1
            group = file.create_group(f"{root}/{snake}_{number}" if number else f"{root}/{snake}")
            inner = {"Dense": "vars", "TimeDistributed": "layer/vars"}
            own = group.require_group("vars")
            variables = group.require_group(inner.get(one["class_name"], "cell/vars"))
            if named:
                own.attrs["name"] = one["config"]["name"]
            for place, array in enumerate(one["weights"]):
                variables.create_dataset(str(place), data=array)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(model_of(layers, kind)))
        archive.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        archive.writestr("model.weights.h5", content.getvalue())
    return path
