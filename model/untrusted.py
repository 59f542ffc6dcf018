"""One door for bytes that others made: limits on size, depth and type, before any is believed."""

import io
import json
import math
import os
import struct
import tokenize
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import PositiveFloat as PositiveFloat
from pydantic import PositiveInt as PositiveInt

from .text import shown

MOST_BYTES = 2 << 30
"""Size of a file that is read whole, in bytes."""

MOST_TEXT = 64 << 20
"""Size of a JSON or TOML text, in bytes."""

DEEPEST = 100
"""Nesting of a JSON or TOML text."""

EASY_BYTES, MOST_EXPANSION = 64 << 20, 20
"""A file may unpack to so many bytes, or to so many times its own size where that is more."""

EASY_VALUES = 16 << 20
"""Numbers of an archive of arrays, likewise: they are computed with in 8 bytes each."""

_KINDS = "biufUS"
"""Types of arrays that are read: numbers and texts."""

LAST_LETTER = 0x10FFFF
"""Largest number of a letter."""

_HEADER = 10_000
"""Bytes of an array's header."""

DAMAGE = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, struct.error,
    EOFError, OverflowError, MemoryError, RecursionError, NotImplementedError, RuntimeError,
    SyntaxError, tokenize.TokenError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What reading damaged bytes raises, from libraries that were not written for them."""

M = TypeVar("M", bound=BaseModel)


class Outside(BaseModel):
    """Base of all that is read from files: exact types, finite numbers, no unknown field."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


class Allowance:
    """How much may still be unpacked of a file.

    Parameters
    ----------
    size : int
        Of the file, in bytes.
    easy : int
        What a file of any size may unpack to.
    """

    def __init__(self, size: int, easy: int = EASY_BYTES) -> None:
        self.left = max(easy, MOST_EXPANSION * size)

    def take(self, count: int, name: object, unit: str = "bytes") -> None:
        """Unpack so many.

        Raises
        ------
        ValueError
            When they are more than are left.
        """
        if count > self.left:
            raise ValueError(
                f"{shown(name, 60)} would unpack to {count:,} {unit}, more than the {self.left:,} "
                f"that are read of a file of this size: save it without compression"
            )
        self.left -= count


def read_bytes(path: Path | str, most: int = MOST_BYTES) -> bytes:
    """A whole file.

    Raises
    ------
    ValueError
        When it holds more than ``most`` bytes.
    OSError
        When it cannot be read.
    """
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        data = file.read((size or most) + 1) if size <= most else b""
    if size > most or len(data) > most:
        raise ValueError(f"{path} is larger than the {most:,} bytes that are read of such a file")
    return data


def json_of(text: bytes | str, name: object) -> Any:
    """Values of a JSON text of finite numbers.

    Raises
    ------
    ValueError
        When it is none, too long or too deep.
    """
    if len(text) > MOST_TEXT:
        raise ValueError(f"{name} holds more than {MOST_TEXT:,} bytes of JSON")
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError:
        raise ValueError(f"{name} is nested deeper than {DEEPEST} levels") from None
    except ValueError as error:
        raise ValueError(f"{name} is not valid JSON: {shown(error, 120)}") from error
    return _flat(value, name)


def toml_of(text: bytes, name: object) -> dict[str, Any]:
    """Entries of a TOML text.

    Raises
    ------
    ValueError
        When it is none, too long or too deep.
    """
    if len(text) > MOST_TEXT:
        raise ValueError(f"{name} holds more than {MOST_TEXT:,} bytes of TOML")
    try:
        value = tomllib.loads(text.decode())
    except RecursionError:
        raise ValueError(f"{name} is nested deeper than {DEEPEST} levels") from None
    except ValueError as error:
        raise ValueError(f"{name} is not a TOML file: {shown(error, 120)}") from error
    return _flat(value, name)


def validated(form: type[M], value: object, name: object) -> M:
    """``value`` as ``form``.

    Raises
    ------
    ValueError
        Naming the field, what was wanted and what came.
    """
    try:
        return form.model_validate(value)
    except ValidationError as error:
        raise ValueError(f"{name}: {complaint(error)}") from error


def complaint(error: ValidationError) -> str:
    """The first of what ``error`` says, with its field and what came."""
    first = error.errors(include_url=False)[0]
    place = ".".join(map(str, first["loc"])) or "the whole"
    if first["type"] == "missing":
        return f"the field {place!r} is missing"
    if first["type"] == "extra_forbidden":
        return f"the field {shown(place, 80)!r} is not known"
    text = first["msg"].removeprefix("Value error, ")
    came = first["input"]
    quoted = repr(came) if not isinstance(came, int) or abs(came) < 1 << 64 else "a huge integer"
    return f"{shown(place, 80)}: {shown(text, 120)}, not {shown(quoted, 60)}"


def guarded(read: Callable[[], Any], sentence: str) -> Any:
    """What ``read`` gives.

    Raises
    ------
    ValueError
        ``sentence`` and the reason, whatever a library raises on damaged bytes.
    """
    try:
        return read()
    except DAMAGE as error:
        raise ValueError(f"{sentence}: {shown(error, 150) or type(error).__name__}") from error


def arrays_of(data: bytes, name: object) -> dict[str, np.ndarray]:
    """Arrays of a ``.npz``, or the one of a ``.npy`` under the name ``""``.

    Raises
    ------
    ValueError
        When the bytes are damaged, hold Python objects, or would unpack to too much.
    """
    if data[:2] != b"PK":
        return {"": guarded(lambda: _array(data), f"{name} is not a whole NumPy file")}
    return guarded(lambda: _members(data), f"{name} is not a whole NumPy file")


def unpacked(data: bytes, names: Mapping[str, int] | None = None) -> dict[str, bytes]:
    """Members of a zip archive by name.

    Parameters
    ----------
    data : bytes
    names : dict of int, optional
        Members wanted, and the bytes each may hold; all when not given.

    Raises
    ------
    ValueError
        When they would hold more than a file of this size may.
    """
    left = Allowance(len(data))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = {}
        for info in archive.infolist():
            if names is not None and info.filename not in names:
                continue
            if names is not None:
                Allowance(0, names[info.filename]).take(info.file_size, info.filename)
            left.take(info.file_size, info.filename)
            with archive.open(info) as member:
                found[info.filename] = member.read(info.file_size + 1)
    return found


def _members(data: bytes) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    left = Allowance(len(data), EASY_VALUES)
    for name, content in unpacked(data).items():
        if not name.endswith(".npy"):
            raise ValueError(f"its member {shown(name, 60)} is no array")
        array = found[name.removesuffix(".npy")] = _array(content)
        left.take(array.size, name, "numbers")
    return found


def _array(data: bytes) -> np.ndarray:
    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"its format {version[0]}.{version[1]} is not one for plain arrays")
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    shape, _, dtype = readers[version](file, max_header_size=_HEADER)
    if dtype.kind == "O":
        raise ValueError(
            "it holds Python objects, for instance sequences of unequal length: save one array of "
            "all frames and an array 'lengths'"
        )
    if dtype.kind not in _KINDS or dtype.names:
        raise ValueError(f"it holds {shown(dtype, 60)}, neither numbers nor text")
    wanted, have = math.prod(shape) * dtype.itemsize, len(data) - file.tell()
    if len(shape) > 8 or min(shape, default=0) < 0 or wanted > have:
        raise ValueError(
            f"its header says shape {shown(shape, 60)} of {dtype}, more than the {have:,} bytes "
            f"that follow"
        )
    file.seek(0)
    loaded = np.load(file, allow_pickle=False, max_header_size=_HEADER)
    if dtype.kind == "U" and loaded.size:
        letters = np.frombuffer(loaded.astype(dtype.newbyteorder("=")).tobytes(), np.uint32)
        if (letters > LAST_LETTER).any():
            raise ValueError("its texts hold numbers that are no letters")
    return loaded


def _refuse_constant(text: str) -> float:
    raise ValueError(f"it holds {text}, which is no number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"it holds {text[:40]}, which is beyond every number")
    return value


def _flat(value: Any, name: object) -> Any:
    """``value``, when it is nested `DEEPEST` times at most."""
    level, depth = [value], 0
    while level:
        if depth > DEEPEST:
            raise ValueError(f"{name} is nested deeper than {DEEPEST} levels")
        inner: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                inner += one.values()
            elif isinstance(one, list):
                inner += one
        level, depth = inner, depth + 1
    return value
