"""Files of PyTorch's tensors: what is read of them, and one true sentence for the rest."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, deserialize

from thresh.model.files import reason
from thresh.model.text import shown
from thresh.model.untrusted import read_bytes, unpacked

from .tensors import as_arrays

FAVOURED = ("state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights")
"""Keys under which training loops keep the state dict, before others."""

PASSED_OVER = re.compile(r"optim|sched|scaler|callback|loop|hyper|config|arg|ema", re.IGNORECASE)
"""Keys under which training loops keep something else."""

DEEPEST = 4
"""Nesting in which a state dict is looked for."""

TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U8": "u1", "BOOL": "?",
}  # fmt: skip
"""NumPy's types by those of safetensors."""

SAVE = "write it with torch.save(model.state_dict(), path)"


def read_checkpoint(path: Path | str) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Tensors of a file by name and what was done to find them; sorted, or in the file's order.

    Raises
    ------
    ValueError
        When the file is damaged or holds anything but a state dict.
    ModuleNotFoundError
        When a ``.pt`` is given and torch is not installed.
    OSError
        When it cannot be read.
    """
    path = Path(path)
    data = read_bytes(path)
    if path.suffix.lower() == ".safetensors":
        return _safetensors(data, path), ()
    found, where = _state_dict(_content(data, path), path)
    return as_arrays(found), (f"the state dict is the entry {where}",) if where else ()


def _safetensors(data: bytes, path: Path) -> dict[str, np.ndarray]:
    try:
        entries = sorted(deserialize(data), key=lambda entry: entry[0])
    except (SafetensorError, ValueError) as error:
        raise ValueError(f"{path} is not a whole .safetensors file: {reason(error)}") from error
    found = {}
    for name, entry in entries:
        kind, content = entry["dtype"], bytes(entry["data"])
        if kind == "BF16":
            halves = np.frombuffer(content, "<u2").astype(np.uint32)
            array = (halves << 16).view(np.float32)
        elif kind in TYPES:
            array = np.frombuffer(content, TYPES[kind])
        else:
            raise ValueError(
                f"{path} holds {shown(name, 60)} as {kind}, which is not read: save it as float32"
            )
        found[name] = array.reshape(entry["shape"])
    return found


def _content(data: bytes, path: Path) -> Any:
    """What ``torch.load`` gives of tensors alone."""
    import torch

    if data[:2] == b"PK":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                names = archive.namelist()
            unpacked(data)
        except (zipfile.BadZipFile, ValueError, RuntimeError, NotImplementedError) as error:
            raise ValueError(f"{path} is not a whole file: {reason(error)}") from error
        if any(name.endswith("constants.pkl") for name in names):
            raise ValueError(
                f"{path} is TorchScript, a program: save torch.jit.load(path).state_dict(), or the "
                f"module with torch.export.save"
            )
    if b"_packed_params" in data or b"_rebuild_qtensor" in data:
        raise ValueError(
            f"{path} holds layers that PyTorch quantised: save the float model that they were made "
            f"from, it is quantised here"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as error:
        raise ValueError(f"{path} is not a file of tensors alone; {SAVE}") from error


def _state_dict(content: Any, path: Path) -> tuple[Mapping[Any, Any], str]:
    """The state dict in what a training loop kept, and where it is; empty when it is all."""
    if not isinstance(content, Mapping) or not content:
        raise ValueError(f"{path} holds no state dict but {type(content).__name__}; {SAVE}")
    found = list(_candidates(content, ()))
    if not found:
        raise ValueError(f"{path} holds no tensors: its entries are {_listed(content)}; {SAVE}")
    top = [(where, one) for where, one in found if not where]
    if top and not any(where and where[-1] in FAVOURED for where, _ in found):
        return top[0][1], ""
    for name in FAVOURED:
        for where, one in found:
            if where and where[-1] == name:
                return one, ".".join(where)
    if len(found) > 1:
        places = ", ".join(".".join(where) for where, _ in found)
        raise ValueError(f"{path} holds several state dicts ({shown(places, 120)}): save one")
    return found[0][1], ".".join(found[0][0])


def _candidates(
    content: Mapping[Any, Any], where: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Mapping[Any, Any]]]:
    """Mappings that hold tensors."""
    import torch

    if any(isinstance(value, torch.Tensor) for value in content.values()):
        yield where, content
    if len(where) < DEEPEST:
        for key, value in content.items():
            if isinstance(value, Mapping) and not PASSED_OVER.search(str(key)):
                yield from _candidates(value, (*where, shown(key, 40)))


def _listed(content: Mapping[Any, Any]) -> str:
    return shown(", ".join(map(str, content)), 100)
