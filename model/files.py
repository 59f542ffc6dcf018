"""Files that appear whole or not at all and are made once, and what is said of damaged ones."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from filelock import FileLock

from .untrusted import arrays_of, read_bytes, shown

BUILDS = Path("build")
"""Where files go when nobody says; `thresh build` leaves a folder per board there."""


def write_atomically(path: str | os.PathLike[str], data: bytes | str) -> None:
    """Write ``data`` under a temporary name beside ``path``, then rename.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    path = Path(path)
    if isinstance(data, str):
        data = data.encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException as error:
        Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # of a full disk nobody says which file had no room
        raise


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Wait until no other process or thread is here with the same file.

    Where the file system has no locks, nobody waits.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, is_singleton=False)
    try:
        lock.acquire()
    except NotImplementedError:
        yield
        return
    try:
        yield
    finally:
        lock.release()


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Arrays of a ``.npz``, or the one of a ``.npy`` under the file's name.

    Raises
    ------
    ValueError
        When the file is damaged, holds Python objects or would unpack to too much.
    OSError
        When it cannot be read.
    """
    arrays = arrays_of(read_bytes(path), path)
    return {path.stem: arrays[""]} if "" in arrays else arrays


def reason(error: BaseException) -> str:
    """What a reader of a foreign format said, on one line of at most 150 characters."""
    return shown(error, 150) or type(error).__name__
