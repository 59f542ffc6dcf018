"""Keras networks: ``.keras`` and ``.h5`` files, read with h5py and without TensorFlow."""

from pathlib import Path

from thresh.importers.chain import Chain
from thresh.importers.imported import Imported
from thresh.model.float_network import FloatLayer
from thresh.model.untrusted import read_bytes

from .file import KerasLayer, read_keras
from .fronts import AFFINE, BY_ITSELF, affine_of
from .layers import (
    CELL_CLASSES,
    PASSED_OVER,
    apply,
    cell_layer,
    dense_layers,
    function_name,
    layer_function,
)
from .source import keras_source


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
    chain = Chain()
    reads, softmax = "all", False
    averaged: list[FloatLayer] = []
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
            chain.add(cell_layer(one.kind, one.name, one.config, one.arrays))
            reads = "all" if one.config.get("return_sequences") else "last"
            if one.config.get("stateful"):
                chain.notes.append(
                    f"{one.name} is stateful; a sequence starts from a state of zero here"
                )
        elif one.kind == "Dense":
            made, softmax = dense_layers(one.name, one.config, one.arrays, chain.notes)
            for layer in made:
                chain.add(layer)
        elif one.kind in AFFINE:
            chain.map(affine_of(one.kind, one.name, one.config, one.arrays), one.name)
        elif one.kind == "Embedding":
            if len(one.arrays) != 1 or one.config.get("mask_zero"):
                raise ValueError(
                    f"{one.name} must be an Embedding of one table without mask_zero, which skips "
                    f"steps"
                )
            chain.table(one.arrays[0], one.name)
        elif (
            one.kind == "GlobalAveragePooling1D" and chain.layers and not one.config.get("keepdims")
        ):
            chain.settle()
            reads, averaged = "mean", list(chain.layers)
        elif one.kind in ("Activation", "ReLU", "Softmax") and chain.layers:
            chain.settle()
            chain.layers, softmax = apply(
                chain.layers, _function(one, reads), one.name, chain.notes
            )
        else:
            raise ValueError(_refusal(one))
        new = [layer for layer in chain.layers if layer not in averaged]
        if reads == "mean" and any(layer.kind != "linear" for layer in new):
            raise ValueError(
                f"{one.name} has a function behind the mean of all steps, which ends a chain"
            )
    return Imported(
        network=chain.network(),
        notes=tuple(chain.notes),
        reads=reads,
        final="softmax" if softmax else "",
        source=keras_source(read_bytes(path), found, tokens=chain.tokens > 0),
        tokens=chain.tokens,
    )


def _function(one: KerasLayer, reads: str) -> str:
    if one.kind == "Activation":
        return function_name(one.config.get("activation"))
    return layer_function(one.kind, one.config, (-1, 2 if reads == "all" else 1))


def _refusal(one: KerasLayer) -> str:
    if one.kind == "Bidirectional":
        return (
            f"{one.name} is bidirectional: it needs the end of a sequence before its beginning and "
            f"so cannot run as inputs arrive; train it forward"
        )
    if one.kind in BY_ITSELF:
        return (
            f"{one.name} is a {one.kind}, which scales each step by what is in that step, so that "
            f"every value changes with every other: train it with BatchNormalization"
        )
    return (
        f"{one.name} is a {one.kind}; GRU, LSTM, SimpleRNN, Dense, Embedding, Activation, Dropout, "
        f"Normalization, BatchNormalization and Rescaling in a chain can be used"
    )
