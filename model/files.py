"""Files that appear whole or not at all and are made once, and what is said of damaged ones."""

import contextlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np


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
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Wait until no other process is here with the same file; where there are no locks, do not.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Arrays of a ``.npz``, or the one of a ``.npy`` under the file's name.

    Raises
    ------
    ValueError
        When the file is damaged or holds Python objects.
    """
    try:
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            return {path.stem: loaded} if isinstance(loaded, np.ndarray) else dict(loaded)
    except (ValueError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path} is not a whole NumPy file: {error}") from error


def reason(error: BaseException) -> str:
    """What a reader of a foreign format said, on one line of at most 200 characters."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else f"{text[:197]}..."
