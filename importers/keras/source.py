"""Keras itself as the source of a proof, in single precision, on files of Keras 2 and 3."""

import io
import json
import os
import tempfile
import zipfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from thresh.importers.hdf5 import BFLOAT16, array, open_hdf5
from thresh.importers.imported import Source
from thresh.model.untrusted import Allowance, json_of

from .file import KerasLayer
from .layers import CELL_CLASSES

BACKENDS = ("tensorflow", "jax", "torch")
"""What Keras can run on, in its own order of preference."""

DROPPED = ("time_major",)
"""Settings of Keras 2 that Keras 3 does not know, at the only value that is read here."""


def keras_source(data: bytes, layers: list[KerasLayer], *, tokens: bool = False) -> Source | None:
    """Keras on the bytes of a file, where it and a backend are installed."""
    backend = next((name for name in BACKENDS if find_spec(name)), None)
    if find_spec("keras") is None or backend is None or not layers:
        return None
    sizes = layers[0].config.get("batch_shape") or layers[0].config.get("batch_input_shape")
    fixed = [*sizes, None, None][:3] if isinstance(sizes, list) else [None, None, None]
    cells = [layer for layer in layers if layer.kind in CELL_CLASSES]
    stateful = bool(cells) and all(layer.config.get("stateful") for layer in cells)
    feeds_back = stateful and fixed[1] == 1

    def run(x: np.ndarray) -> np.ndarray:
        os.environ.setdefault("KERAS_BACKEND", backend)
        import keras

        model = _loaded(data)
        parts = np.split(x, x.shape[1], axis=1) if feeds_back else [x]
        found = []
        for part in parts:
            fed = part.argmax(axis=-1) if tokens else part.astype(np.float32)
            result = model(fed, training=False)
            found.append(np.asarray(keras.ops.convert_to_numpy(result)))
        if not feeds_back:
            return found[0]
        return np.stack([one[:, 0] if one.ndim == 3 else one for one in found], axis=1)

    return Source(
        framework=f"Keras {version('keras')} on {os.environ.get('KERAS_BACKEND', backend)}",
        run=run,
        batch=fixed[0],
        steps=fixed[1],
        feeds_back=feeds_back,
    )


def _loaded(data: bytes) -> Any:
    """The model of a file, its settings as Keras 3 reads them."""
    import keras

    with tempfile.TemporaryDirectory() as folder:
        if zipfile.is_zipfile(io.BytesIO(data)):
            path = Path(folder) / "model.keras"
            with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(path, "w") as new:
                for name in ("metadata.json", "config.json", "model.weights.h5"):
                    if name in old.namelist():
                        content = old.read(name)
                        new.writestr(name, _text(content) if name == "config.json" else content)
        else:
            path = Path(folder) / "model.h5"
            path.write_bytes(data)
            with open_hdf5(data) as file:
                text = _text(file.attrs["model_config"])
            _in_single(path, text)
        return keras.saving.load_model(path, compile=False)


def _in_single(path: Path, text: str) -> None:
    """The file with these settings; weights in bfloat16, which Keras writes and does not read."""
    import h5py

    def widen(name: str, found: Any) -> None:
        if isinstance(found, h5py.Dataset) and found.dtype == BFLOAT16:
            wide.append(name)

    wide: list[str] = []
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = text
        file.visititems(widen)
        for name in wide:
            value = array(file[name], Allowance(path.stat().st_size), name)
            del file[name]
            file[name] = value


def _text(config: bytes | str) -> str:
    return json.dumps(_plain(json_of(config, "the model's settings")))


def _plain(value: Any) -> Any:
    """Settings without what Keras 3 does not know, every number in single precision."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: _plain(one) for key, one in value.items() if key not in DROPPED}
    if "float" in json.dumps(found.get("dtype", "")):
        found["dtype"] = "float32"
    return found
