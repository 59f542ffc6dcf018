"""Files of ``torch.export.save``: opened only where nothing in them is a program of Python."""

import io
import zipfile
from pathlib import Path
from typing import Any

from thresh.model.files import reason
from thresh.model.untrusted import DAMAGE, json_of, read_bytes, unpacked

AGAIN = "export it again with torch.export.save of PyTorch 2.9 or newer"


def load_program(path: Path | str) -> Any:
    """The ``ExportedProgram`` of a ``.pt2`` file.

    Raises
    ------
    ValueError
        When it is damaged, or holds pickled objects, which are programs.
    ModuleNotFoundError
        When torch is not installed.
    OSError
        When it cannot be read.
    """
    import torch

    data = read_bytes(path)
    try:
        members = unpacked(data)
    except (*DAMAGE, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is not a whole .pt2 file: {reason(error)}") from error
    _refuse_pickles(members, path)
    try:
        return torch.export.load(io.BytesIO(data))
    except Exception as error:
        raise ValueError(f"{path} cannot be read by PyTorch: {reason(error)}; {AGAIN}") from error


def _refuse_pickles(members: dict[str, bytes], path: Path | str) -> None:
    import torch

    configs = [name for name in members if name.endswith("_config.json")]
    if not any("/data/weights/" in name for name in configs):
        raise ValueError(f"{path} is no archive of torch.export that is read: {AGAIN}")
    for name in configs:
        entries = json_of(members[name], name)
        entries = entries.get("config") if isinstance(entries, dict) else None
        if not isinstance(entries, dict):
            raise ValueError(f"{path} is damaged: {name} lists no tensors")
        for entry in entries.values():
            plain = isinstance(entry, dict) and entry.get("use_pickle") is False
            place = str(entry.get("path_name")) if plain else ""
            if not place.startswith(("weight_", "tensor_")):
                raise ValueError(f"{path} holds pickled objects, which are not opened: {AGAIN}")
    for name, content in members.items():
        if "/sample_inputs/" in name:
            try:
                torch.load(io.BytesIO(content), weights_only=True)
            except Exception as error:
                raise ValueError(
                    f"{path} holds example inputs that are no tensors: {AGAIN}"
                ) from error
