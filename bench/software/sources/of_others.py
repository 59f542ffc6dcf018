"""NIR, plain arrays, tables, and files that are not read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from thresh.importers.plain import write_plain
from thresh.model.float_network import FloatNetwork, linear

from .case import Case


def nir_graph(build: Callable[[Any], list[Any]]) -> Callable[[Path], Path]:
    """Writes a chain of nodes."""

    def make(folder: Path) -> Path:
        import nir

        nir.write(folder / "net.nir", nir.NIRGraph.from_list(*build(nir)))
        return folder / "net.nir"

    return make


def affine(nir: Any) -> Any:
    """An affine map of 3 values to 2."""
    return nir.Affine(weight=np.ones((2, 3)), bias=np.zeros(2))


def spiking(nir: Any) -> list[Any]:
    """An affine map and spiking neurons."""
    ones = np.ones(2)
    return [affine(nir), nir.LIF(tau=ones, r=ones, v_leak=0 * ones, v_threshold=ones)]


def arrays(folder: Path) -> Path:
    """Plain arrays."""
    network = FloatNetwork(layers=(linear(np.ones((2, 3)), np.zeros(2)),))
    write_plain(network, folder / "net.npz")
    return folder / "net.npz"


def text(folder: Path) -> Path:
    """Plain arrays as JSON."""
    layer = '{"kind": "linear", "weight_x": [[[1.0, -0.5]]], "bias": [[0.25]]}'
    (folder / "net.json").write_text(f'{{"layers": [{layer}]}}')
    return folder / "net.json"


def named(suffix: str) -> Callable[[Path], Path]:
    """Writes a file that is not read."""

    def make(folder: Path) -> Path:
        (folder / f"net{suffix}").write_bytes(b"1,2,3\n")
        return folder / f"net{suffix}"

    return make


def cases() -> list[Case]:
    """Every other network."""
    graphs: dict[str, Callable[[Any], list[Any]]] = {
        "Affine": lambda nir: [affine(nir)],
        "Linear, Scale": lambda nir: [
            nir.Linear(weight=np.ones((2, 3))), nir.Scale(scale=np.ones(2)),
        ],
        "Affine, LIF": spiking,
    }  # fmt: skip
    found = [
        Case(source="NIR (.nir)", what=what, make=nir_graph(build), needs=("nir",))
        for what, build in graphs.items()
    ]
    found += [
        Case(source="plain arrays (.npz)", what="linear", make=arrays),
        Case(source="plain arrays (.json)", what="linear", make=text),
    ]
    return found + [
        Case(source=source, what=suffix, make=named(suffix))
        for source, suffix in (
            ("table", ".csv"), ("TensorFlow Lite", ".tflite"), ("TensorFlow", ".pb"),
            ("Core ML", ".mlmodel"), ("pickle", ".pkl"),
        )
    ]  # fmt: skip
