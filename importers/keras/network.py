"""Keras networks: ``.keras`` and ``.h5`` files, read with h5py and without TensorFlow."""

import os
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from thresh.importers.imported import Imported, Source
from thresh.model.float_network import FloatLayer, FloatNetwork

from .file import KerasLayer, read_keras
from .layers import CELL_CLASSES, PASSED_OVER, apply, cell_layer, dense_layers, function_name

BACKENDS = ("tensorflow", "jax", "torch")
"""What Keras can run on, in its own order of preference."""


def import_keras(path: Path | str) -> Imported:
    """The network of a Keras file.

    Raises
    ------
    ValueError
        In one sentence: what cannot be computed and what to do.
    ModuleNotFoundError
        When h5py is not installed.
    OSError
        When the file cannot be read.
    """
    path = Path(path)
    layers: list[FloatLayer] = []
    notes: list[str] = []
    reads, averaged, softmax = "all", 0, False
    found = read_keras(path)
    for one in found:
        if one.kind in PASSED_OVER:
            continue
        if softmax:
            raise ValueError(f"A softmax stands before {one.name}; it can be left out at the end")
        if one.kind in CELL_CLASSES:
            if reads != "all":
                raise ValueError(
                    f"{one.name} stands behind the {reads} of all steps, which ends a chain"
                )
            layers.append(cell_layer(one.kind, one.name, one.config, one.arrays))
            reads = "all" if one.config.get("return_sequences") else "last"
            if one.config.get("stateful"):
                notes.append(f"{one.name} is stateful; a sequence starts from a state of zero here")
        elif one.kind == "Dense":
            made, softmax = dense_layers(one.name, one.config, one.arrays, notes)
            layers += made
        elif one.kind == "GlobalAveragePooling1D" and layers and not one.config.get("keepdims"):
            reads, averaged = "mean", len(layers)
        elif one.kind in ("Activation", "ReLU", "Softmax") and layers:
            layers, softmax = apply(layers, _function(one), one.name, notes)
        else:
            raise ValueError(_refusal(one))
        if reads == "mean" and any(layer.kind != "linear" for layer in layers[averaged:]):
            raise ValueError(
                f"{one.name} has a function behind the mean of all steps, which ends a chain"
            )
    return Imported(
        network=FloatNetwork(layers=tuple(layers)),
        notes=tuple(notes),
        reads=reads,
        final="softmax" if softmax else "",
        source=_source(path, found),
    )


def _function(one: KerasLayer) -> str:
    if one.kind == "ReLU" and any(
        one.config.get(name) for name in ("max_value", "negative_slope", "threshold")
    ):
        raise ValueError(f"{one.name} is a ReLU with a limit, slope or threshold; use a plain one")
    if one.kind == "Activation":
        return function_name(one.config.get("activation"))
    return one.kind.lower()


def _refusal(one: KerasLayer) -> str:
    if one.kind == "Bidirectional":
        return (
            f"{one.name} is bidirectional: it needs the end of a sequence before its beginning and "
            f"so cannot run as inputs arrive; train it forward"
        )
    return (
        f"{one.name} is a {one.kind}; GRU, LSTM, SimpleRNN, Dense, Activation and Dropout in a "
        f"chain can be used"
    )


def _source(path: Path, layers: list[KerasLayer]) -> Source | None:
    """Keras itself, where it and a backend are installed."""
    backend = next((name for name in BACKENDS if find_spec(name)), None)
    if find_spec("keras") is None or backend is None:
        return None
    sizes = layers[0].config.get("batch_shape") or layers[0].config.get("batch_input_shape")

    def run(x: np.ndarray) -> np.ndarray:
        os.environ.setdefault("KERAS_BACKEND", backend)
        import keras

        model = keras.saving.load_model(path, compile=False)
        result = model(x.astype(np.float32), training=False)
        return np.asarray(keras.ops.convert_to_numpy(result))

    return Source(
        framework=f"Keras {version('keras')} on {os.environ.get('KERAS_BACKEND', backend)}",
        run=run,
        batch=sizes[0] if sizes else None,
        steps=sizes[1] if sizes and len(sizes) == 3 else None,
    )
