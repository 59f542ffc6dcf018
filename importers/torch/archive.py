"""Files of ``torch.export.save``: opened only where nothing in them is a program of Python."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from thresh.model.files import reason
from thresh.model.text import shown
from thresh.model.untrusted import DAMAGE, json_of, read_bytes, unpacked

AGAIN = "export it again with torch.export.save of PyTorch 2.9 or newer"

MEMBERS = re.compile(
    r"[^/]+/(models/[^/]+\.json|data/(weights|constants|sample_inputs)/[^/]+|extra/.*"
    r"|\.data/\w+|archive_(format|version)|byteorder|version)"
)
"""Members that are read; others are compiled code, which PyTorch would load."""

OPERATORS = re.compile(r"torch\.ops\.(aten|higher_order)\.\w+(\.\w+)?|_operator\.[a-z]+")
"""What a node may call; PyTorch takes any function that can be reached from its own module."""

SIZES = re.compile(r"[\w\s(),'=-]{1,1000}")
NAMES = re.compile(
    r"Symbol|Integer|Add|Mul|Max|Min|Mod|PythonMod|FloorDiv|CeilDiv|CleanDiv|True|False"
    r"|integer|positive|nonnegative|[suz]\w*\d|\d+"
)
"""Sizes that are not fixed, which PyTorch evaluates as Python, and the words that they have."""

CONTAINERS = (None, "builtins.tuple", "builtins.list", "builtins.dict")
"""What inputs and outputs may lie in; PyTorch imports the modules of others."""


def load_program(path: Path | str) -> Any:
    """The ``ExportedProgram`` of a ``.pt2`` file.

    Raises
    ------
    ValueError
        When it is damaged, or holds pickled objects or anything else that would run as a program
        of Python.
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
    members = {name: _harmless(name, content, path) for name, content in members.items()}
    try:
        return torch.export.load(_packed(members))
    except Exception as error:
        raise ValueError(f"{path} cannot be read by PyTorch: {reason(error)}; {AGAIN}") from error


def _packed(members: dict[str, bytes]) -> io.BytesIO:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    content.seek(0)
    return content


def _harmless(name: str, content: bytes, path: Path | str) -> bytes:
    """A member that PyTorch may read: of a program without its guards, which are Python."""
    if not MEMBERS.fullmatch(name):
        raise ValueError(f"{path} holds {shown(name, 80)}, which is no part of a program: {AGAIN}")
    if "/models/" not in name:
        return content
    program = json_of(content, name)
    for entry in _entries(program):
        called, size = entry.get("target"), entry.get("expr_str")
        if called is not None and "inputs" in entry and not _fits(OPERATORS, called):
            raise ValueError(
                f"{path} calls {shown(called, 80)}, which is no operator of PyTorch: {AGAIN}"
            )
        if size is not None and not (
            _fits(SIZES, size) and all(map(NAMES.fullmatch, re.findall(r"\w+", size)))
        ):
            raise ValueError(f"{path} has a size of {shown(size, 80)}, which is none: {AGAIN}")
        for place in ("in_spec", "out_spec"):
            if (held := entry.get(place)) is not None:
                _refuse_containers(held, path)
    if isinstance(program, dict) and program.get("guards_code"):
        program["guards_code"] = []
    return json.dumps(program).encode()


def _refuse_containers(held: Any, path: Path | str) -> None:
    for entry in _entries(json_of(str(held), f"a container of {path}")):
        kind, context = entry.get("type"), str(entry.get("context"))
        if kind not in CONTAINERS or "{" in context:
            raise ValueError(
                f"{path} gives its values in a {shown(kind, 60)}; tuples, lists and dicts are read"
            )


def _fits(form: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None


def _entries(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value, at any depth."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _entries(one)


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
