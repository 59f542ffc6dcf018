"""Keras: files of Keras 3, each front and head, and the same with the settings of Keras 2."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .case import Case

NEEDS = ("keras", "torch", "h5py")
"""Keras runs on PyTorch here."""

THREE, TWO = "Keras 3", "Keras 2"

SETTINGS = {"time_major": False, "unroll": False}
"""What Keras 2 writes of a recurrent layer beside what Keras 3 does."""


def keras() -> Any:
    """Keras on PyTorch, with weights of a fixed seed."""
    os.environ["KERAS_BACKEND"] = "torch"
    import keras

    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    return keras


def written(layers: Callable[[Any], list[Any]], suffix: str = ".keras", **policy: str) -> Any:
    """Writes a Sequential model as Keras does."""

    def make(folder: Path) -> Path:
        made = keras()
        made.config.set_dtype_policy(policy.get("dtype", "float32"))
        try:
            model = made.Sequential([made.layers.Input((None, 3)), *layers(made.layers)])
            model.save(folder / f"net{suffix}")
        finally:
            made.config.set_dtype_policy("float32")
        return folder / f"net{suffix}"

    return make


def of_keras_2(layers: Callable[[Any], list[Any]]) -> Any:
    """Writes an ``.h5`` whose settings are those of Keras 2."""

    def make(folder: Path) -> Path:
        import h5py

        path = written(layers, ".h5")(folder)
        with h5py.File(path, "r+") as file:
            config = json.loads(file.attrs["model_config"])
            for layer in config["config"]["layers"]:
                for name in ("module", "registered_name", "build_config"):
                    layer.pop(name, None)
                settings = layer["config"]
                settings["dtype"] = "float32"
                if "batch_shape" in settings:
                    settings["batch_input_shape"] = settings.pop("batch_shape")
                if layer["class_name"] in ("GRU", "LSTM", "SimpleRNN"):
                    settings |= SETTINGS
            file.attrs["model_config"] = json.dumps(config)
            file.attrs["keras_version"] = b"2.15.0"
        return path

    return make


def tokens(folder: Path) -> Path:
    """An Embedding in front of a GRU."""
    made = keras()
    layers = [made.layers.Input((None,)), made.layers.Embedding(9, 3),
              made.layers.GRU(4, return_sequences=True), made.layers.Dense(2)]  # fmt: skip
    made.Sequential(layers).save(folder / "net.keras")
    return folder / "net.keras"


def step(folder: Path) -> Path:
    """A stateful GRU of one step."""
    made = keras()
    layers = [
        made.layers.Input((1, 3), batch_size=1),
        made.layers.GRU(4, return_sequences=True, stateful=True), made.layers.Dense(2),
    ]  # fmt: skip
    made.Sequential(layers).save(folder / "net.keras")
    return folder / "net.keras"


def adapted(layers: Any) -> list[Any]:
    """A Normalization that has seen data."""
    front = layers.Normalization(axis=-1)
    front.adapt(np.random.default_rng(1).normal(2, 3, (20, 9, 3)))
    return [front, layers.GRU(4, return_sequences=True)]


def cases() -> list[Case]:
    """Every network of Keras."""
    recurrent: dict[str, Callable[[Any], list[Any]]] = {
        kind: lambda layers, kind=kind: [getattr(layers, kind)(4, return_sequences=True)]
        for kind in ("GRU", "LSTM", "SimpleRNN")
    }
    gru = recurrent["GRU"]
    fronts: dict[str, Callable[[Any], list[Any]]] = {
        "Normalization, GRU": adapted,
        "BatchNormalization, GRU": lambda k: [k.BatchNormalization(), *gru(k)],
        "Rescaling, GRU": lambda k: [k.Rescaling(1 / 255, offset=-0.5), *gru(k)],
        "LayerNormalization, GRU": lambda k: [k.LayerNormalization(), *gru(k)],
        "Masking, GRU": lambda k: [k.Masking(), *gru(k)],
        "Conv1D, GRU": lambda k: [k.Conv1D(3, 3, padding="causal"), *gru(k)],
    }
    heads: dict[str, Callable[[Any], list[Any]]] = {
        "GRU, Dense softmax": lambda k: [*gru(k), k.Dense(2, activation="softmax")],
        "GRU, Dense relu, Dense sigmoid": lambda k: [
            *gru(k),
            k.Dense(4, activation="relu"),
            k.Dense(2, activation="sigmoid"),
        ],
        "GRU, TimeDistributed(Dense)": lambda k: [*gru(k), k.TimeDistributed(k.Dense(2))],
        "GRU of the last step, Dense": lambda k: [k.GRU(4), k.Dense(2)],
        "GRU, GlobalAveragePooling1D, Dense": lambda k: [
            *gru(k),
            k.GlobalAveragePooling1D(),
            k.Dense(2),
        ],
        "GRU, BatchNormalization, Dense": lambda k: [*gru(k), k.BatchNormalization(), k.Dense(2)],
        "GRU, GlobalMaxPooling1D": lambda k: [*gru(k), k.GlobalMaxPooling1D()],
        "GRU, Dense gelu": lambda k: [*gru(k), k.Dense(2, activation="gelu")],
    }
    others: dict[str, Callable[[Any], list[Any]]] = {
        "GRU with reset_after=False": lambda k: [k.GRU(4, reset_after=False)],
        "GRU with hard_sigmoid": lambda k: [k.GRU(4, recurrent_activation="hard_sigmoid")],
        "GRU with go_backwards": lambda k: [k.GRU(4, go_backwards=True)],
        "Bidirectional(GRU)": lambda k: [k.Bidirectional(k.GRU(4))],
    }
    plain = {f"{kind}, Dense": (lambda k, one=one: [*one(k), k.Dense(2)])
             for kind, one in recurrent.items()}  # fmt: skip
    found = [
        Case(source=f"{THREE} ({suffix})", what=what, make=written(layers, suffix), needs=NEEDS)
        for suffix in (".keras", ".h5")
        for what, layers in plain.items()
    ]
    found += [
        Case(source=f"{THREE} (.keras)", what=what, make=written(layers), needs=NEEDS)
        for what, layers in (fronts | heads | others).items()
    ]
    found += [
        Case(source=f"{THREE} (.keras)", what=what, make=make, needs=NEEDS)
        for what, make in (
            ("Embedding, GRU, Dense", tokens), ("stateful GRU of one step, Dense", step),
            ("GRU, Dense in mixed_float16", written(plain["GRU, Dense"], dtype="mixed_float16")),
        )
    ]  # fmt: skip
    return found + [
        Case(source=f"{TWO} (.h5)", what=what, make=of_keras_2(layers), needs=NEEDS)
        for what, layers in (plain | fronts | heads).items()
        if "Masking" not in what and "Conv1D" not in what
    ]
